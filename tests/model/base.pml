/* base.pml - a stage whose state is a chain of snapshots, a base and deltas, and a forked child that rewrites the base:
 *
 *        W (stage) | K (sink)        W forks C
 *
 * When snapshot E is written and nothing has changed since, the stage may fork: the child writes the whole state into
 * a temp file and exits; the parent then renames that file over its own E.snap. Deltas above E build on E before and
 * after: the rename changes the form of E.snap, never what it means.
 * NI instances share the directory; the rules for runs and stage locks (commit.pml) are taken as given.
 * Stage, child and sink may each be killed before any step; a child may outlive its parent for as long as it likes.
 * FAIR: one stage is killed, nothing else; its orphan may hang in a write for ever: the next instance must complete.
 */
#ifndef NI
#define NI 2
#endif
#ifndef L
#define L 2               /* input records: the state is how many were counted */
#endif
#ifndef EMAX
#define EMAX 3            /* epochs; 3 is the most that OK() below can follow */
#endif
#define BAD 99

mtype = { BASE, DELTA, CHILDS };            /* what E.snap is; CHILDS: a base written by a child. 0: it is not there */

/* ---- what lies on disk ---- */
byte c_epoch;                               /* DIR/commit. DIR/lock and DIR/run: one sink after the other, instance i has run i+1 */
byte g_val;                                 /* ghost: the state that belongs to the committed epoch */
mtype kind[EMAX+2];
byte from[EMAX+2], to[EMAX+2];              /* a delta leads from one state to another; a base is one */
byte ino[EMAX+2];                           /* the file behind a child's base */
byte tmp;                                   /* the file that the temp name leads to, 0: none */
byte f_val[NI+1]; bool f_full[NI+1];        /* such files: whose state is in it, and is all of it there */
byte lkrun;                                 /* the run written in the stage's lock file */

/* ---- processes; i is the instance ---- */
bool dead[NI], k_dead[NI], c_dead[NI];      /* stage, sink, child */
bool holds[NI], forked[NI], fine[NI];       /* the stage has its lock, has forked; its child left with status 0 */
bool c_lock[NI], c_pipe[NI];                /* the child has inherited, and not yet closed, the lock's and the pipe's descriptor */
byte hello[NI] = BAD;                       /* the epoch that hello names */
byte whole[NI], as_of[NI], fd[NI];          /* what the child has to write: the state, as of which epoch, into which file */
chan p[NI] = [1] of { byte, byte };         /* barriers; with each, as a ghost, the state */
bool ready;

#ifdef FAIR
#define DIE   :: atomic { i == 0 -> goto out }
#define DIE_C :: atomic { dead[i] -> goto hangs }
#define DIE_K
#define BEFORE(i) (k_dead[i] && dead[i])    /* the shell waits for all of a pipeline */
#else
#define DIE   :: atomic { true -> goto out }
#define DIE_C DIE
#define DIE_K DIE
#define BEFORE(i) k_dead[i]
#endif

#if NI > 2
#define FREE (!holds[0] && !c_lock[0] && !holds[1] && !c_lock[1] && !holds[2] && !c_lock[2])
#else
#define FREE (!holds[0] && !c_lock[0] && !holds[1] && !c_lock[1])
#endif

#define VAL(e) (kind[e] != CHILDS -> to[e] : (f_full[ino[e]] -> f_val[ino[e]] : BAD))
#define OKD(e) (kind[e] == DELTA && VAL(e-1) == from[e])
#define OKB(e) (kind[e] == BASE || kind[e] == CHILDS)
#define OK1 (OKB(1) || (OKD(1) && OKB(0)))
#define OK2 (OKB(2) || (OKD(2) && OK1))
#define OK3 (OKB(3) || (OKD(3) && OK2))
#define OK(e) (e == 0 -> OKB(0) : (e == 1 -> OK1 : (e == 2 -> OK2 : OK3)))

#define REMOVE(k) kind[k] = 0; from[k] = 0; to[k] = 0; ino[k] = 0

/* open for writing, and truncate */
#define OPEN(i) if :: tmp == 0 -> tmp = i+1 :: else fi; fd[i] = tmp; f_val[tmp] = 0; f_full[tmp] = 0

#define BELOW(e) k = e; do :: k > 0 -> k--; REMOVE(k) :: else -> break od; k = 0
#ifdef M_PRUNE_CHAIN
#define PRUNE BELOW(c_epoch)
#else           /* what a kept snapshot builds on stays */
#define PRUNE k = c_epoch; do :: kind[k] == DELTA -> k-- :: else -> break od; BELOW(k)
#endif

#ifdef M_FORK_LATE      /* forks when it likes, not only when its state is that of its newest snapshot */
#define UNCHANGED true
#else
#define UNCHANGED (cnt == last)
#endif
#ifdef M_ANY_STATUS     /* does not look at how the child has left */
#define DONE c_dead[i]
#else
#define DONE fine[i]
#endif

proctype W(byte i) {
    byte e, cnt, last, k; bool published;
    if :: hello[i] != BAD DIE fi;
    /* its lock; a child that still has the descriptor holds it too */
    if :: d_step { FREE && lkrun <= i -> holds[i] = 1; lkrun = i+1 }
       :: atomic { lkrun > i -> goto out } DIE fi;
#ifndef M_KEEP_TEMP
    if :: d_step { tmp = 0 } DIE fi;
#endif
    if :: d_step { e = hello[i]; assert(OK(e)); cnt = VAL(e); last = cnt } DIE fi;
    if :: d_step { k = e+1; do :: k <= EMAX -> REMOVE(k); k++ :: else -> break od; k = 0 } DIE fi;
    do
    :: d_step { cnt < L -> cnt++ }
    :: d_step { e < EMAX -> e++; kind[e] = DELTA; from[e] = last; to[e] = cnt; ino[e] = 0; last = cnt };
        if :: d_step { !k_dead[i] && nfull(p[i]) -> p[i]!e,cnt } :: atomic { k_dead[i] -> goto out } DIE fi;
        if :: d_step { PRUNE } DIE fi
    :: d_step { !forked[i] && UNCHANGED -> forked[i] = 1; c_lock[i] = 1; c_pipe[i] = 1; whole[i] = cnt; as_of[i] = e;
#ifndef M_CHILD_OPENS
        OPEN(i)
#endif
        }
#ifndef M_CHILD_RENAMES
    :: d_step { DONE && !published -> published = 1; k = as_of[i];
        if :: tmp != 0 -> kind[k] = CHILDS; ino[k] = tmp; from[k] = 0; to[k] = 0; tmp = 0 :: else fi; k = 0 };
#ifdef M_PRUNE_AT_PUBLISH       /* "a base needs nothing below it" */
        if :: d_step { BELOW(as_of[i]) } DIE fi;
#endif
        if :: d_step { PRUNE } DIE fi
#endif
    :: e == EMAX -> goto out
    DIE
    od;
out:
    atomic { holds[i] = 0; dead[i] = 1; e = 0; cnt = 0; last = 0; k = 0; published = 0;
        if :: !forked[i] -> c_dead[i] = 1 :: else fi }
}

proctype C(byte i) {
    if :: forked[i] :: atomic { !forked[i] && dead[i] -> goto gone } fi;
    /* 1. closes every descriptor but that of the temp file, which the parent has opened */
    if :: d_step {
#ifndef M_CHILD_HOLDS_LOCK
        c_lock[i] = 0;
#endif
#ifndef M_CHILD_HOLDS_PIPE
        c_pipe[i] = 0
#endif
       }
#ifndef FAIR
       DIE_C
#endif
       fi;
    /* 2. asks for a signal at its parent's death; has it died already? The signal may take its time */
    if :: dead[i] -> goto out :: else fi;
#ifdef M_CHILD_OPENS
    if :: d_step { OPEN(i) } DIE_C fi;
#endif
    /* 3. writes, in more than one piece */
    if :: d_step { f_val[fd[i]] = whole[i]; f_full[fd[i]] = 0 } DIE_C fi;
    if :: d_step { if :: f_val[fd[i]] == whole[i] :: else -> f_val[fd[i]] = BAD fi; f_full[fd[i]] = 1 } DIE_C fi;
#ifdef M_CHILD_RENAMES
    if :: d_step { if :: tmp != 0 -> kind[as_of[i]] = CHILDS; ino[as_of[i]] = tmp; tmp = 0 :: else fi } DIE_C fi;
#endif
    /* 4. status 0; publishing is the parent's */
    atomic { fine[i] = 1; goto out };
#ifdef FAIR
hangs:
end_h: false;
#endif
out:
    atomic { c_lock[i] = 0; c_pipe[i] = 0; c_dead[i] = 1; fd[i] = 0 };
gone:
    skip
}

proctype K(byte i) {
    byte a, v;
    i == 0 || BEFORE(i-1);
    if :: d_step { hello[i] = c_epoch } DIE_K fi;
    do
    :: d_step { p[i]?a,v -> c_epoch = a; g_val = v }; a = 0; v = 0
    :: empty(p[i]) && dead[i] && !c_pipe[i] -> break     /* EOF: nobody has the writing end any more */
    DIE_K
    od;
#ifdef FAIR
    assert(i == 0 || c_epoch == EMAX);
#endif
out:
    atomic { k_dead[i] = 1; a = 0; v = 0; do :: nempty(p[i]) -> p[i]?_,_ :: empty(p[i]) -> break od }
}

#define INV (OK(c_epoch) && VAL(c_epoch) == g_val)
active proctype Monitor() { end_m: d_step { ready && !(INV) -> assert(false) } }

init {
    byte i;
    atomic { kind[0] = BASE; ready = 1;
        do :: i < NI -> run W(i); run C(i); run K(i); i++ :: else -> break od; i = 0 }
}
