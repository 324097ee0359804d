"""The quality report: one HTML file by which a person signs the dataset off."""
