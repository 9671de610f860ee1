"""localstripe on a port, with all that it keeps in memory: it would write all of it to one file in /tmp at each change."""

import sys

from localstripe import resources, server

resources.Store.dump_to_disk = lambda self: None
sys.argv = ["localstripe", "--from-scratch", "--port", sys.argv[1]]
server.start()
