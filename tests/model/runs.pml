/* runs.pml - a stage that spills: runs are files beside the snapshots, which name them
 *
 *        W (stage) | K (sink)
 *
 * A run is written whole under the next number and never changed. A snapshot names the runs that are alive, and those
 * that are gone with the epoch in which they were dropped: their files stay until no start can need them. A start
 * removes what its snapshot does not name.
 * W may be killed before any step and begins again; a power cut ends all, undoes the last rename of `commit` if
 * that was new, and spoils the runs that were not synced. One instance at a time: the rules for locks (commit.pml) are
 * taken as given.
 */
#ifndef R
#define R 2               /* runs that may be written, by number */
#endif
#ifndef EMAX
#define EMAX 3            /* epochs */
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef CUTS
#define CUTS 1
#endif
#define AT(e,r) ((e)*(R+1)+(r))
#define NOW 100           /* gone since the last barrier */
#define BAD 200           /* content that nobody wrote */

/* ---- what lies on disk ---- */
byte c_epoch;                             /* DIR/commit */
bool c_new;                               /* a power cut may undo its last rename */
bool s_is[EMAX+1];                        /* DIR/stage/E.snap: */
byte s_next[EMAX+1];                      /*   the number of the next run, */
byte s_run[(EMAX+1)*(R+1)];               /*   what lies in those that are alive (length and checksum); 0: none, */
byte s_gone[(EMAX+1)*(R+1)];              /*   when others were dropped; 0: not known */
byte f_run[R+1];                          /* the files, by what lies in them; 0: there is none */
bool f_safe[R+1];                         /* synced */

byte said;                                /* the last barrier that the sink has seen */
byte start_no;                            /* ghost: who wrote a run; one start writes no number twice */
byte kills, cuts;

#define DIE :: atomic { kills < KILLS -> kills++; goto start } \
            :: atomic { cuts < CUTS -> cuts++; power(); goto start }

inline power() {
	if
	:: c_new -> c_epoch--
	:: true
	fi;
	c_new = 0;
	x = 1;
	do
	:: x <= R ->
		if :: f_run[x] != 0 && !f_safe[x] -> f_run[x] = BAD :: else fi;
		x++
	:: else -> break
	od
}

/* what is not synced is still there: only a power cut can tell */
inline load() {
	n = c_epoch;
	assert(n == 0 || s_is[n]);
	next = (n == 0 && !s_is[0] -> 1 : s_next[n]);
	x = 1;
	do
	:: x <= R ->
		live[x] = s_run[AT(n,x)];
		gone[x] = s_gone[AT(n,x)];
		named[x] = live[x] != 0 || gone[x] != 0;
		assert(live[x] == 0 || f_run[x] == live[x]);
#ifndef M_KEEP_STRANGE
		if :: live[x] == 0 && gone[x] == 0 -> f_run[x] = 0; f_safe[x] = 0 :: else fi;
#endif
		x++
	:: else -> break
	od;
	e = n+1;
	do                                      /* newer ones go */
	:: e <= EMAX -> forget(e); e++
	:: else -> break
	od;
	e = n
}

inline forget(k) {
	s_is[k] = 0; s_next[k] = 0;
	y = 1;
	do
	:: y <= R -> s_run[AT(k,y)] = 0; s_gone[AT(k,y)] = 0; y++
	:: else -> break
	od
}

inline seal() {
	x = 1;
	do
	:: x <= R ->
		if :: gone[x] == NOW -> gone[x] = e+1 :: else fi;
#ifndef M_NO_SYNC
		if :: live[x] != 0 -> f_safe[x] = 1 :: else fi;
#endif
		if :: live[x] != 0 -> named[x] = 1 :: else fi;
		x++
	:: else -> break
	od
}

inline save() {
	s_is[e+1] = 1; s_next[e+1] = next;
	x = 1;
	do
	:: x <= R ->
		s_run[AT(e+1,x)] = live[x];
#ifndef M_GONE_UNTOLD
		s_gone[AT(e+1,x)] = gone[x];
#endif
		x++
	:: else -> break
	od
}

/* by `commit` as it is now */
inline tidy() {
	x = 0;
	do
	:: x + 1 < c_epoch -> forget(x); x++    /* the newest below c_epoch stays, and all above */
	:: else -> break
	od;
	x = 1;
	do
	:: x <= R ->
#ifdef M_REMOVE_EARLY
		if :: gone[x] != 0 && gone[x] <= c_epoch -> f_run[x] = 0; gone[x] = 0 :: else fi;
#else
		if :: gone[x] != 0 && gone[x] < c_epoch -> f_run[x] = 0; gone[x] = 0 :: else fi;
#endif
		x++
	:: else -> break
	od
}

active proctype W() {
	byte live[R+1], gone[R+1]; bool named[R+1];
	byte next, n, e, r, x, y;
start:
	skip;
	d_step { start_no++; said = c_epoch; load() }
	do
	/* a run is written, then it has its number for a name */
	:: next <= R ->
		if
		:: d_step { assert(f_run[next] == 0); f_run[next] = start_no; f_safe[next] = 0;
		            live[next] = start_no; named[next] = 0; next++ }
		DIE
		fi
	/* one is read to its end */
	:: atomic {
		select(r : 1 .. R);
		if
		:: live[r] == 0
		:: else ->
			live[r] = 0;
#ifdef M_DROP_AT_ONCE
			f_run[r] = 0
#else
			if
			:: named[r] -> gone[r] = NOW
			:: else -> f_run[r] = 0
			fi
#endif
		fi
	   }
	/* a barrier: the runs, the snapshot, the word; then what nobody needs */
	:: e < EMAX && c_epoch == e ->
		if :: d_step { seal(); skip } DIE fi;
		if :: d_step { save(); skip } DIE fi;
		if :: d_step { e++; said = e } DIE fi;
		if :: d_step { tidy(); skip } DIE fi
	DIE
	:: e == EMAX && c_epoch == e -> break
	od;
	skip;
	/* nothing is left that nobody knows of */
	d_step {
		x = 1;
		do
		:: x <= R -> assert(f_run[x] == 0 || live[x] != 0 || gone[x] != 0); x++
		:: else -> break
		od;
		skip
	}
}

active proctype K() {
	do
	:: d_step { said == c_epoch + 1 -> c_epoch++; c_new = 1 }
	:: c_epoch == EMAX -> break
	od
}
