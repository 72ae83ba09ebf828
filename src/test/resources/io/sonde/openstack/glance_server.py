"""Runs Glance with the configuration in a folder, on a free port of this machine, and names it."""

import os
import sys
from wsgiref.simple_server import make_server

os.environ["OS_GLANCE_CONFIG_DIR"] = sys.argv[1]
# Glance reads them as its own.
sys.argv[1:] = []

from glance.common import wsgi_app
from glance.db.sqlalchemy import api
from glance.db.sqlalchemy import models

application = wsgi_app.init_app()
models.register_models(api.get_engine())
server = make_server("127.0.0.1", 0, application)
print("Available at http://127.0.0.1:%d/" % server.server_port, flush=True)
server.serve_forever()
