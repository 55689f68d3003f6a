# Starts the servers and stops them when nobody needs them any more.
# POSIX sh, because initdb needs one anyway. Started in the run folder, in a session of its own, with:
#   POSTGRES PGDATA PG_LIBS     the server, its data, a library folder list; POSTGRES empty means none
#   REDIS REDIS_LIBS            likewise; its settings are in redis.conf
#   LINGER                      whole seconds to wait for a new user after the last has gone
#   DETACHED                    1: stay until TERM, however many users there are
#   EPHEMERAL                   1: empty the data folder in the end
# Signals: TERM stops, USR1 makes it stay as DETACHED does.
#
# Each user holds the writing end of ./pipe and wrote one byte into it when joining.
set -u
umask 077
stop=
trap 'stop=1' TERM INT HUP
trap 'exec 4>pipe' USR1
echo $$ >keeper.pid

# The file exited.* tells the waiting starter at once that a server refused to run.
if [ -n "$POSTGRES" ]; then
	( [ -z "$PG_LIBS" ] || export LD_LIBRARY_PATH="$PG_LIBS"
	  "$POSTGRES" -D "$PGDATA"; echo $? >exited.postgres ) &
fi
if [ -n "$REDIS" ]; then
	( [ -z "$REDIS_LIBS" ] || export LD_LIBRARY_PATH="$REDIS_LIBS"
	  "$REDIS" "$PWD/redis.conf"; echo $? >exited.redis ) &
fi

# From here on fd 3 stays open: a pipe without a reader is how others see that the keeper is dead.
# The servers were started before, so that they do not hold it.
exec 3<pipe
[ "$DETACHED" != 1 ] || exec 4>pipe

while [ -z "$stop" ]; do
	cat <&3 >joined &
	reader=$!
	# wait returns early on a signal; kill -0 fails once the reader is reaped.
	while [ -z "$stop" ] && kill -0 "$reader" 2>/dev/null; do wait "$reader"; done
	[ -z "$stop" ] || { kill "$reader" 2>/dev/null; break; }
	[ "$LINGER" != 0 ] && [ -s joined ] || break
	# The sleep is a user for as long as it lasts; fd 4 is opened here, before the next reader looks for users.
	exec 4>pipe
	sleep "$LINGER" 3<&- &
	exec 4>&-
done

# No new user can find the pipe now; one that slipped in before is waited for.
mv pipe closing
exec 4>&-
[ -n "$stop" ] || cat <&3 >/dev/null

# By pid file, not by $!: a test may have restarted a server behind our back.
[ ! -s redis.pid ] || kill -TERM "$(cat redis.pid)" 2>/dev/null
if [ -n "$POSTGRES" ] && [ -s "$PGDATA/postmaster.pid" ]; then
	kill -INT "$(head -n 1 "$PGDATA/postmaster.pid")" 2>/dev/null
fi
wait
cd /
[ "$EPHEMERAL" != 1 ] || rm -rf "$PGDATA" 2>/dev/null
rm -rf "$RUN" 2>/dev/null
exit 0
