"""The chapters of the guide as steps, in order (see `guide.chapters.catalogue`)."""
