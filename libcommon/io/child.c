/* child - a forked copy of ourselves that writes one file */
#include "io/child.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/signals.h"

static void
close_from_to(int first, int last)
{
	if (first > last || close_range((unsigned)first, (unsigned)last, 0) == 0)
		return;
	/* An old kernel. */
	if (last == INT_MAX)
		last = (int)sysconf(_SC_OPEN_MAX) - 1;
	for (int fd = first; fd <= last; fd++)
		close(fd);
}

static void
become_harmless(pid_t parent, int keep_fd)
{
	int low = keep_fd < STDERR_FILENO ? keep_fd : STDERR_FILENO;
	int high = keep_fd < STDERR_FILENO ? STDERR_FILENO : keep_fd;

	close_from_to(0, low - 1);
	close_from_to(low + 1, high - 1);
	close_from_to(high + 1, INT_MAX);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)           /* it died before we asked to die with it */
		_exit(1);
	signals_reset();
}

pid_t
child_fork(int keep_fd, struct err *err)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0)
		become_harmless(parent, keep_fd);
	return pid;
}

void
child_exit(int status)
{
	_exit(status);
}

int
child_poll(pid_t pid, int *status)
{
	int   how;
	pid_t got = waitpid(pid, &how, WNOHANG);

	if (got == 0 || (got < 0 && errno == EINTR))
		return 0;
	*status = got == pid && WIFEXITED(how) ? WEXITSTATUS(how) : 1;
	return 1;
}

void
child_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
