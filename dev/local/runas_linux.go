package local

import (
	"os/user"
	"strconv"
	"syscall"
)

// namespaced runs the servers in a user namespace: outside they are root and own files in root's home, inside they
// are an ordinary user, which is what Postgres insists on. Inside the uid must have a name, or initdb gives up, so it
// is that of nobody where there is one.
func namespaced() (identity, bool) {
	inside := 1000
	if u, err := user.Lookup("nobody"); err == nil {
		if n, err := strconv.Atoi(u.Uid); err == nil && n != 0 {
			inside = n
		}
	}
	id := identity{name: "root in a user namespace", uid: 0, gid: 0}
	id.attr.Cloneflags = syscall.CLONE_NEWUSER
	id.attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: inside, HostID: 0, Size: 1}}
	id.attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: inside, HostID: 0, Size: 1}}
	return id, true
}
