"""One short script per stage of `dvc.yaml`; run as `python -m stages.NAME` from the top of the repository."""
