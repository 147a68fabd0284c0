"""``python -m service.server``: gunicorn with the settings of this package and its own options."""

import sys

from gunicorn.app.wsgiapp import run

CONFIG = ["-c", "python:service.server.gunicorn_conf"]

if __name__ == "__main__":
    # On SIGUSR2 gunicorn executes the interpreter with sys.argv. Python puts the path of this file
    # there, which would run outside of its package; "-m" starts it as before.
    options = sys.argv[1:]
    sys.argv = ["-mservice.server", *(options if options[:2] == CONFIG else CONFIG + options)]
    run(prog="service.server")
