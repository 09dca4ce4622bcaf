"""What every kind of classifier is made of: their base class, the manifest, the rows that it is trained on."""
