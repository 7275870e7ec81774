"""The tests of Longpole. A package only so that they share `tests.project`; nothing else imports it."""
