#!/bin/sh
# kamflow as the service has it: its user, its home, its settings. Install it as /usr/local/bin/kamflow.
#   sudo kamflow status
export KAMFLOW_HOME=/var/lib/kamflow
if [ -r /etc/kamflow/kamflow.env ]; then
    set -a
    . /etc/kamflow/kamflow.env
    set +a
fi
[ "$(id -un)" = kamflow ] && exec /opt/kamflow/bin/kamflow "$@"
exec runuser -u kamflow -- /opt/kamflow/bin/kamflow "$@"
