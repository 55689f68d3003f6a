// Package local runs a private Postgres and a private redis-server for development, demo and tests, so that nobody
// has to install or configure a service first.
//
// Both servers listen on unix sockets in a folder only their user may enter. No port is opened, so occupied ports
// do not matter. The binaries are those of the machine (see search.go) or, when there are none, the distribution's
// own packages, unpacked into a cache without installing anything (see fetch.go).
//
// # Who stops the servers
//
// Nobody owns them. A small shell script, the keeper, starts both servers and holds the reading end of a named pipe;
// every process that uses them holds a writing end. The kernel closes that end however the process dies, kill -9
// included, and the keeper stops the servers when the last one is closed. A second process therefore joins the
// running servers, and the first may leave before it. Servers started by Up have a keeper that waits for Down instead.
//
// A parent-death signal would be shorter, but it follows one thread of one process: the servers would vanish under
// everybody who had joined, and it exists on Linux only.
//
// # Who runs them
//
// A normal user runs them as oneself. Postgres refuses to run as root, so for root they run as the user postgres,
// else nobody, as long as that user can reach the folder; else in a user namespace in which root is somebody else;
// else in a folder below the system's temporary one, which is said in one line.
//
// This package is never used in production mode.
package local
