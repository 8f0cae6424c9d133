#!/bin/sh
# Reads topics with kcat (Debian: apt-get install kcat; others: https://github.com/edenhill/kcat).
#   sh kcat.sh state   every key and value of coalition.metrics.v1 up to its present end
#   sh kcat.sh heads   key, CloudEvents headers and size of each event
#   sh kcat.sh follow  metrics as they come, until Ctrl-C
# BLOCWATCH_KAFKA names the broker [localhost:9092]. With TLS or a password add, say,
#   -X security.protocol=SASL_SSL -X ssl.ca.location=ca.pem -X sasl.mechanism=SCRAM-SHA-512 -X sasl.username=… -X sasl.password=…
set -eu
broker=${BLOCWATCH_KAFKA:-localhost:9092}
case ${1:-state} in
state) exec kcat -C -q -b "$broker" -t coalition.metrics.v1 -o beginning -e -f '%k\t%s\n' ;;
heads) exec kcat -C -q -b "$broker" -t coalition.events.v1 -o beginning -e -f '%k\t%h\t%S\n' ;;
follow) exec kcat -C -q -u -b "$broker" -t coalition.metrics.v1 -o end -f '%k\t%s\n' ;;
*) sed -n '2,5p' "$0" && exit 2 ;;
esac
