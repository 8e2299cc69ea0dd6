"""CKAN behind the one proxy of this deployment: scheme, host and the client's address are those that the proxy saw.

Without it every client would have the proxy's address, and ten wrong passwords of one would pause an account for all.
"""

from ckan_wsgi import application as ckan
from werkzeug.middleware.proxy_fix import ProxyFix

application = ProxyFix(ckan, x_for=1, x_proto=1, x_host=1)
