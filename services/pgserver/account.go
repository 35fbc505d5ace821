package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is who the server runs as: this process's own account, or another when this one is root.
type account struct {
	uid, gid int
	other    bool // not this process's own
	// enter is the capability that lets the other account pass through folders that are closed to it,
	// such as a clone below root's home; zero when none is needed.
	enter uintptr
}

// The numbers of linux/capability.h. The second is what containers usually leave to their root.
const (
	capDACOverride   = 1
	capDACReadSearch = 2
)

// prepareFolder makes folder, closed to everybody but the account that runs the server, and returns that
// account. An existing folder decides by its owner, so that root can start what an ordinary account made.
func prepareFolder(folder string) (account, error) {
	self := account{uid: os.Geteuid(), gid: os.Getegid()}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return self, fmt.Errorf("pgserver: %w", err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return self, fmt.Errorf("pgserver: %w", err)
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return self, fmt.Errorf("pgserver: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() {
		return self, fmt.Errorf("pgserver: %s is not a folder", folder)
	}
	if self.uid != 0 {
		if int(owner.Uid) != self.uid {
			return self,
				fmt.Errorf("pgserver: %s belongs to another account (uid %d): remove it as that account, "+
					"or choose another folder", folder, owner.Uid)
		}
		return self, nil
	}
	if owner.Uid != 0 {
		return withEntry(account{uid: int(owner.Uid), gid: int(owner.Gid), other: true}, folder)
	}
	other, err := serviceAccount()
	if err != nil {
		return self, err
	}
	if err := os.Chown(folder, other.uid, other.gid); err != nil {
		return self, fmt.Errorf("pgserver: give %s to the account that runs PostgreSQL: %w", folder, err)
	}
	return withEntry(other, folder)
}

// serviceAccount is the account that Debian's package made for PostgreSQL, else nobody.
func serviceAccount() (account, error) {
	for _, name := range []string{"postgres", "nobody"} {
		entry, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(entry.Uid)
		gid, gidErr := strconv.Atoi(entry.Gid)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return account{}, fmt.Errorf("pgserver: account %s: %w", name, err)
		}
		return account{uid: uid, gid: gid, other: true}, nil
	}
	return account{},
		errors.New("pgserver: PostgreSQL refuses to run as root, and there is no account postgres or " +
			"nobody to run it as")
}

// withEntry finds out whether a needs a capability to reach folder.
func withEntry(a account, folder string) (account, error) {
	for dir := filepath.Dir(folder); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return a, fmt.Errorf("pgserver: %w", err)
		}
		owner, ok := info.Sys().(*syscall.Stat_t)
		owns := ok && int(owner.Uid) == a.uid && info.Mode()&0o100 != 0
		if !owns && info.Mode()&0o001 == 0 {
			if a.enter, err = entryCapability(); err != nil {
				return a,
					fmt.Errorf("pgserver: PostgreSQL cannot run as root, and its account cannot enter %s: %w",
						dir, err)
			}
			return a, nil
		}
		if dir == filepath.Dir(dir) {
			return a, nil
		}
	}
}

// entryCapability is the smallest capability of this process that passes through closed folders.
func entryCapability() (uintptr, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		hex, found := strings.CutPrefix(line, "CapPrm:")
		if !found {
			continue
		}
		held, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
		if err != nil {
			return 0, err
		}
		for _, one := range []uintptr{capDACReadSearch, capDACOverride} {
			if held&(1<<one) != 0 {
				return one, nil
			}
		}
	}
	return 0,
		errors.New("this container gives root no capability for it; choose a folder that everybody may enter")
}

// dress makes cmd run as the account, away from the terminal's signals and from any folder that it cannot
// enter, and makes it end with the thread that starts it.
func (a account) dress(cmd *exec.Cmd, folder string) {
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "HOME=" + folder}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	if a.other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
		if a.enter != 0 {
			cmd.SysProcAttr.AmbientCaps = []uintptr{a.enter}
		}
	}
}
