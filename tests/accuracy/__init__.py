"""Projects with one defect and projects with none, and whether the rules know them apart."""
