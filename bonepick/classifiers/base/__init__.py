"""What every kind of classifier is made of: the protocol, the manifest, the rows that it is trained on."""
