#!/bin/sh
# dpkg says "remove", rpm 0 when none is left; on an upgrade the server plays on until it is restarted.
case $1 in
remove | 0)
	if [ -d /run/systemd/system ]; then systemctl disable --now lilo.service; fi
	;;
esac
exit 0
