"""Pages for people, made from what the store answers: views, templates and static files."""
