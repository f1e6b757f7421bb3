#!/bin/sh
# Some look-ups never end. Those that do are not here: whether they end in time
# is up to the machine.
exec sleep 600
