"""gunicorn's settings as they are shipped, of a service that is broken as the environment says
(``tests.opensearch.variants``).
"""

from service.server.gunicorn_conf import *  # noqa: F403
from tests.opensearch.variants import break_it

break_it()
