/** The words agents use for their status, in several vocabularies and two competing state machines, and what they mean. */

import { type Vocabulary, vocabulary } from "./vocabulary.ts";

export const agentStatuses = [
  "uninitialized",
  "starting",
  "idle",
  "active",
  "waiting",
  "blocked",
  "paused",
  "complete",
  "error",
  "offline",
] as const;

export type AgentStatus = (typeof agentStatuses)[number];

export const isAgentStatus = (word: string): word is AgentStatus => agentStatuses.some((status) => status === word);

export const defaultStatusWords: Vocabulary<AgentStatus> = vocabulary<AgentStatus>({
  words: {
    uninitialized:
      "uninitialized, uninitialised, not initialized, not initialised, not started, unstarted, not onboarded, unregistered, " +
      "unknown, undefined, none, null, new, created, unset, not configured, not set, tbd, n/a, nil",
    starting:
      "starting, start, starting up, startup, initializing, initialising, initialization, init, booting, boot, onboarding, " +
      "onboard, registering, registration, loading, warming up, launching, configuring, setup, setting up, activating, " +
      "resuming, restarting, recovering, recovery, not ready, connecting, joining",
    idle:
      "idle, ready, onboarded, initialized, initialised, registered, standby, stand by, standing by, available, free, open, " +
      "awaiting assignment, awaiting assignments, awaiting task, awaiting tasks, awaiting orders, awaiting mission, " +
      "awaiting contract, ready for assignment, ready for mission, ready for task, ready for next mission, " +
      "waiting for assignment, waiting for task, unassigned, no task, no active task, not busy, listening, dormant, quiet, " +
      "inactive, rest, resting, claimable, contract negotiation, idle ready",
    active:
      "active, operational, fully operational, online, on, live, up, running, run, working, work, busy, in progress, inprogress, " +
      "ongoing, underway, under way, executing, execution, processing, process, task execution, executing task, " +
      "contract execution, contract execution active, mission execution, mission active, mission in progress, " +
      "active agent mode, active agent, agent active, active mission, active development, actively working, engaged, started, " +
      "assigned, claimed, accepted, in development, developing, development, building, coding, implementing, implementation, " +
      "testing, in testing, validating, validation, verifying, reviewing, in review, code review, refactoring, migrating, " +
      "deploying, deployment, analyzing, analysing, analysis, planning, researching, research, investigating, debugging, " +
      "fixing, documenting, coordinating, coordination, collaborating, monitoring, supervising, optimizing, optimising, " +
      "integrating, integration, consolidating, cleanup, cleaning up, finalizing, delivering, autonomous, autonomous mode, " +
      "perpetual motion, cycle active, captain, leading, healthy, ok, okay, good, normal, green, enabled, true, yes, unblocked, " +
      "not blocked, in work, wip, doing, current, ready and active, survey, breakthrough, gas, swarm active",
    waiting:
      "waiting, wait, pending, awaiting, queued, scheduled, deferred, waiting for input, waiting for response, " +
      "waiting for approval, waiting for review, waiting on, awaiting approval, awaiting review, awaiting response, " +
      "awaiting feedback, awaiting input, awaiting confirmation, pending approval, pending review, pending input, " +
      "pending response, review pending, awaiting coordination, yellow, on deck, proposed, submitted, requested",
    blocked:
      "blocked, blocker, blocking, stuck, impeded, obstructed, waiting on blocker, dependency blocked, blocked by dependency, " +
      "needs help, need help, needs attention, attention required, intervention required, escalated, deadlocked, stalled, " +
      "conflict, conflicted, cannot proceed, held up",
    paused:
      "paused, pause, suspended, suspend, on hold, hold, halted, halt, frozen, snoozed, maintenance, in maintenance, break, " +
      "on break, interrupted, parked, backlogged, throttled, rate limited, sleeping, asleep, hibernating",
    complete:
      "complete, completed, completion, done, finished, finish, success, successful, succeeded, closed, resolved, accomplished, " +
      "mission accomplished, mission complete, mission completed, task complete, task completed, all tasks complete, " +
      "all tasks completed, tasks complete, contract complete, cycle complete, cycle completed, phase complete, " +
      "work complete, objective complete, objectives complete, achieved, delivered, deployed, released, merged, shipped, " +
      "approved, verified, validated, passed, pass, fulfilled, concluded, end, ended, victory, legendary, certified, " +
      "session complete, session ended, 100 complete, fixed, handed over, handed off",
    error:
      "error, errored, failed, failure, fail, failing, fault, faulted, crash, crashed, broken, exception, fatal, critical, " +
      "critical error, panic, unhealthy, degraded, red, aborted, abort, rejected, invalid, timeout, timed out, bad, " +
      "task failed, mission failed, system error, corrupt, corrupted",
    offline:
      "offline, off, down, stopped, stop, shutdown, shut down, shutting down, terminated, killed, dead, exited, quit, " +
      "disconnected, unreachable, unavailable, unresponsive, not responding, lost, gone, left, disabled, deactivated, " +
      "decommissioned, retired, archived, removed, logged out, deleted, false, no, cancelled, canceled, absent",
  },
  weak:
    "onboarded, initialized, initialised, registered, work, run, on, up, no, yes, ok, good, new, none, off, open, start, end, " +
    "process, pass, left, rest, current, free, null, unknown, critical, red, green, yellow, true, false, gas, bad, hold, " +
    "break, removed, captain, coordination, integration, validation, development, testing, research, analysis, planning, " +
    "lost, review, invalid, conflict, deployment, implementation, execution, maintenance, initialization, approved, setup",
  symbols: {
    complete: "✅ ✔ ☑ 🏁 🎉 🏆 🎯",
    error: "❌ ✖ 💥 🔥 🚨 🔴",
    blocked: "🚫 ⛔ 🛑 🧱",
    waiting: "⏳ ⌛ 🟡 🟠 🕒",
    paused: "⏸ 💤 😴",
    active: "🟢 🚀 🔄 ⚡ 🚧 🔧 🛠 ▶ 🐝",
    idle: "⚪ 🔵 🆓",
    offline: "⚫ 📴 💀",
    starting: "🌱 🔌",
  },
});
