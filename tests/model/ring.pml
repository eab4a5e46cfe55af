/* ring.pml - pages that a writer gives into a pipe, and writes again once they are read
 *
 * The writer W has PAGES pages. What it gives of them stands in the pipe by reference: who reads sees what the page
 * holds at that moment. It writes a page again only when that has left the pipe and, asked after that, the reader that
 * it knows still holds its lock. From then on that it does not it writes into the pipe by copy, and touches no page.
 * Readers share the end of the pipe and follow each other, any may be killed before any step: A, of ours, holds its lock
 * from its start to its end and copies what it takes, in one step; F, somebody else's, takes references and looks later;
 * B, of ours again. -DBESIDE=1: A and B read at the same time. -DBESIDE=2: A and F do: what the lock cannot tell.
 */
#ifndef PAGES
#define PAGES 3
#endif
#ifndef CAP
#define CAP 2             /* the pipe */
#endif
#ifndef L
#define L 6               /* what is said: 1 … L */
#endif
#ifndef BESIDE
#define BESIDE 0
#endif
#define COPY PAGES        /* the kernel's own page: nobody writes it again */
#define A 1
#define F 2
#define B 3

chan pipe = [CAP] of { byte, byte };    /* page, what was said */
byte page[PAGES];         /* what it holds */
byte in_pipe[PAGES];      /* of this page: how often */
bool lock[4];             /* by process */
byte readers = 3;         /* that have not left: then the writer gets EPIPE */
bool left[4];             /* of nobody, 0, it is said that he has */

/* what the reader sees is what was said */
#define SEES(p, said) assert(p == COPY || page[p] == said)

#define TAKE(p, said) \
	pipe ? p, said; \
	if :: p != COPY -> in_pipe[p]-- :: else fi

inline giveup(me) { atomic { lock[me] = 0; left[me] = 1; readers--; goto out } }

/* May a page be written again?  known: whom the writer has seen. */
#ifdef M_ANY_READER
#define HELD (lock[A] || lock[B])
#else
#define HELD (lock[known])
#endif

active proctype W() {
	byte said = 1, p, known = 0; bool on = 0, held;

	do
	:: said > L -> break
	:: readers == 0 -> break
	:: said <= L && readers > 0 ->
		if
		:: !on && known == 0 && (lock[A] || lock[B]) ->
			/* the first time that somebody holds the lock */
			atomic { if :: lock[A] -> known = A :: else -> known = B fi; on = 1 }
		:: else
		fi;
		held = 1;
		if
		:: on ->
			/* 1. a page that was never given, or has left */
#ifdef M_ASK_FIRST
			held = HELD;
#endif
#ifdef M_NO_COUNT
			p = said % PAGES;
#else
			p = 0;
			do
			:: p < PAGES && in_pipe[p] == 0 -> break
			:: p < PAGES && in_pipe[p] > 0 -> p++
			:: p == PAGES -> break
			od;
#endif
			/* 2. only now the lock */
#if !defined(M_ASK_FIRST) && !defined(M_ASK_ONCE)
			held = HELD;
#endif
			if
			:: !held ->
				on = 0;
#ifdef M_FREE
				/* its memory serves for something else */
				atomic { page[0] = 0; page[1] = 0; page[2] = 0 };
#endif
			:: else
			fi
		:: else
		fi;
		if
		:: on && p < PAGES ->
			/* 3. fill it, then give it: there may be no room yet */
			page[p] = said;
			if
			:: atomic { nfull(pipe) -> pipe ! p, said; in_pipe[p]++ }
			:: readers == 0 -> break
			fi
		:: else ->
			if
			:: atomic { nfull(pipe) -> pipe ! COPY, said }
			:: readers == 0 -> break
			fi
		fi;
		said++
	od
}

/* of ours: a read copies and lets the page go, in one step */
proctype Ours(byte me; byte after) {
	byte p, said;

	if :: left[after] :: giveup(me) fi;
	lock[me] = 1;
	do
#ifdef M_GO_EARLY
	:: atomic { nempty(pipe) -> TAKE(p, said) }; SEES(p, said)
#else
	:: atomic { nempty(pipe) -> TAKE(p, said); SEES(p, said) }
#endif
	:: giveup(me)
	od;
out:	skip
}

/* somebody else's: a reference now, a look later, be it when it reads this pipe no more */
proctype Foreign(byte after, and_after) {
	byte p, said, n = 0;

	if :: left[after] && left[and_after] :: giveup(F) fi;
	do
	:: atomic { n < 2 && nempty(pipe) -> TAKE(p, said) }; n++;
		if
		:: SEES(p, said)
		:: atomic { left[F] = 1; readers-- }; SEES(p, said); goto out
		fi
	:: giveup(F)
	od;
out:	skip
}

init {
	atomic {
		left[0] = 1;
		run Ours(A, 0);
#if BESIDE == 1
		run Ours(B, 0);
		run Foreign(A, B)
#elif BESIDE == 2
		run Foreign(0, 0);
		run Ours(B, F)
#else
		run Foreign(A, A);
		run Ours(B, F)
#endif
	}
}
