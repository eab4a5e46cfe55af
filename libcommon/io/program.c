/* program - somebody else's program, which reads and writes pipes of ours */
#include "io/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/out.h"

/* ---- is there such a program? ---- */

static bool
is_program(const char *path)
{
	struct stat st;

	if (access(path, X_OK) != 0 || stat(path, &st) != 0)
		return false;
	errno = EACCES;
	return S_ISREG(st.st_mode);
}

/* As execvp: a name with a slash is a path, any other stands in one of the folders of PATH. */
static bool
find_program(const char *name, bool *is_forbidden)
{
	const char *folder = getenv("PATH");
	struct buf  path = { 0 };
	bool        found = false;

	*is_forbidden = false;
	if (strchr(name, '/') != NULL) {
		found = is_program(name);
		*is_forbidden = !found && errno != ENOENT && errno != ENOTDIR;
		return found;
	}
	if (folder == NULL)
		folder = "/bin:/usr/bin";
	for (size_t n; !found; folder += n + 1) {
		n = strcspn(folder, ":");
		buf_reset(&path);
		buf_put(&path, folder, n);
		buf_printf(&path, "%s%s", n == 0 ? "./" : "/", name);
		buf_char(&path, '\0');
		found = is_program(path.p);
		*is_forbidden |= !found && errno == EACCES;
		if (folder[n] == '\0')
			break;
	}
	buf_release(&path);
	return found;
}

int
program_check(const char *name, struct err *err)
{
	bool is_forbidden;

	if (find_program(name, &is_forbidden))
		return 0;
	if (is_forbidden)
		return err_set(err, ERR_FATAL, "%s: it may not be run: %s", name, err_text(EACCES));
	return err_set(err, ERR_USAGE, "%s: there is no such command", name);
}

/* ---- starting ---- */

struct pipes {
	int in[2], out[2], errs[2];
	int failed[2];         /* what went wrong on the way to the program; closed by its start */
};

static void
close_one(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void
close_pipes(struct pipes *p)
{
	int *all[] = { p->in, p->out, p->errs, p->failed };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		close_one(&all[i][0]);
		close_one(&all[i][1]);
	}
}

static int
open_pipes(struct pipes *p, struct err *err)
{
	*p = (struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if (pipe2(p->in, O_CLOEXEC) == 0 && pipe2(p->out, O_CLOEXEC) == 0 && pipe2(p->errs, O_CLOEXEC) == 0
	    && pipe2(p->failed, O_CLOEXEC) == 0 && fcntl(p->in[1], F_SETFL, O_NONBLOCK) == 0)
		return 0;
	err_sys(err, "a pipe");
	close_pipes(p);
	return -1;
}

/* In the child.  It comes back only if the program cannot be started. */
static void
become(const struct pipes *p, pid_t parent, const char *const *argv)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)           /* it died before we asked to die with it */
		_exit(1);
	signal(SIGPIPE, SIG_DFL);
	setenv("STREAM_CHECKPOINT", "", 1);
	if (dup2(p->in[0], STDIN_FILENO) == -1 || dup2(p->out[1], STDOUT_FILENO) == -1 || dup2(p->errs[1], STDERR_FILENO) == -1)
		return;
	execvp(argv[0], (char *const *)argv);
}

/* 0: the program runs; else errno of what kept it from that. */
static int
wait_for_start(int fd)
{
	int     why = 0;
	ssize_t n;

	do {
		n = read(fd, &why, sizeof(why));
	} while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof(why) ? why : 0;
}

int
program_start(struct program *c, const char *const *argv, struct err *err)
{
	struct pipes p;
	pid_t        parent = getpid(), pid;
	int          why;

	*c = (struct program)PROGRAM_NONE;
	if (open_pipes(&p, err) == -1)
		return -1;
	if ((pid = fork()) == -1) {
		err_sys(err, "fork");
		close_pipes(&p);
		return -1;
	}
	if (pid == 0) {
		become(&p, parent, argv);
		why = errno;
		_exit(write(p.failed[1], &why, sizeof(why)) == (ssize_t)sizeof(why) ? 127 : 126);
	}
	setpgid(pid, pid);                 /* whoever of the two comes first */
	close_one(&p.failed[1]);
	why = wait_for_start(p.failed[0]);
	*c = (struct program){ pid, p.in[1], p.out[0], p.errs[0], -1 };
	p.in[1] = p.out[0] = p.errs[0] = -1;
	close_pipes(&p);
	if (why != 0) {
		program_release(c);
		errno = why;
		return err_sys(err, "%s", argv[0]);
	}
	(void)fcntl(c->in_fd, F_SETPIPE_SZ, OUT_PIPE_BYTES);       /* not being allowed to is fine */
	(void)fcntl(c->out_fd, F_SETPIPE_SZ, OUT_PIPE_BYTES);
	c->end_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	return 0;
}

/* ---- at work ---- */

ssize_t
program_write(struct program *c, const void *p, size_t n, struct err *err)
{
	ssize_t took;

	do {
		took = write(c->in_fd, p, n < OUT_WRITE_BYTES ? n : OUT_WRITE_BYTES);
	} while (took == -1 && errno == EINTR);
	if (took >= 0)
		return took;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return 0;
	if (errno == EPIPE)
		return err_set(err, ERR_READER_GONE, "it reads no more");
	return err_sys(err, "its standard input");
}

void
program_close_in(struct program *c)
{
	close_one(&c->in_fd);
}

bool
program_has_ended(struct program *c, struct program_end *end)
{
	int   how = 0;
	pid_t got = waitpid(c->pid, &how, WNOHANG);

	if (got == 0 || (got == -1 && errno == EINTR))
		return false;
	c->pid = 0;
	close_one(&c->end_fd);
	/* Nobody else waits for it, so that it cannot have gone unseen. */
	*end = got == -1 ? (struct program_end){ false, 127 }
	     : WIFSIGNALED(how) ? (struct program_end){ true, WTERMSIG(how) } : (struct program_end){ false, WEXITSTATUS(how) };
	return true;
}

void
program_release(struct program *c)
{
	if (c->pid != 0) {
		kill(-c->pid, SIGKILL);
		kill(c->pid, SIGKILL);             /* it may not have come to its group yet */
		while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR)
			;
	}
	close_one(&c->in_fd);
	close_one(&c->out_fd);
	close_one(&c->err_fd);
	close_one(&c->end_fd);
	c->pid = 0;
}
