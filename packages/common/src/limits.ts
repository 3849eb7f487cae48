/** Every bound in one room, with its unit in its name and its reason beside it. */

export const limits = {
  /** A longer room name would be a cheap way to fill memory; the WHATWG form of a path of this size fits a URL anywhere. */
  roomNameBytesMax: 256,
  /** One WebSocket frame. A larger context is sent in chunks; a larger single frame is refused with 4413. */
  frameBytesMax: 16 * 2 ** 20,
  /** Bytes of one field value, as JSON. */
  valueBytesMax: 1 * 2 ** 20,
  /** Characters of an id of a task, a decision, an agent. */
  idLengthMax: 200,
  /** Characters of a path text. */
  pathLengthMax: 4_096,
  /** Characters of a context read from a text in one go: four bytes each at worst, and a parser's tree beside them. */
  contextCharactersMax: 64 * 2 ** 20,
  /** Tokens of one YAML text: its parser keeps about 300 bytes for each. */
  yamlTokensMax: 6_000_000,
  /** Nodes that YAML aliases may add by repeating what they point to; nine lines of nested aliases make a billion. */
  aliasNodesMax: 100_000,
  /** Problems reported for one input; more help nobody. */
  problemsMax: 100,
  /** Operations of one JSON Patch, and bytes that its copies may add. */
  patchOperationsMax: 100_000,
  patchCopyBytesMax: 16 * 2 ** 20,
  /** Presence of one client. Larger states are data and belong into the document. */
  presenceBytesMax: 16 * 2 ** 10,
  /** Client ids that one connection may announce presence for. Peer links are exempt. */
  presenceIdsPerSessionMax: 16,
  /** Nesting of values; deeper ones overflow the stack of naive readers. */
  nestingMax: 32,
  /** seq and the numbers in `seen`. */
  counterMax: 2 ** 48,
  /** Characters of a document key: an id of the longest kind, its section and a sub-key. */
  keyLengthMax: 1_024,
  /** A store of more is loaded in turns of about this long, while the relays are dialled; a smaller one takes less than a dial. */
  loadAtOnceBytesMax: 2 ** 20,
  loadTurnMs: 20,
  /** A connection that was opened before the document was loaded and waited longer is opened anew. */
  earlyDialMsMax: 5_000,
  /** Entries of one root array of a writer; Yjs walks a list to push, so a new one is begun after this many. */
  rollEntries: 1_024,
  /** A remote hybrid clock further ahead of the own wall clock than this does not push the own one. */
  hlcAheadMsMax: 60 * 60_000,
  /** After this silence of a writer anybody may delete its replaced entries. */
  silentWriterMs: 7 * 24 * 60 * 60_000,
  /** Integrity events reported for one update; a hostile one could raise a million. */
  integrityEventsPerUpdateMax: 100,
  /** Yjs clocks; struct lengths are read as 32-bit integers in places. */
  yjsClockMax: 2 ** 31,
  /** Clients with structs in one update, or with deletes, each costs far more memory than bytes. */
  updateClientsMax: 2 ** 18,
  /** Clients in a state vector that somebody sends: it is read in one go. A room with more needs a fresh document. */
  vectorClientsMax: 2 ** 16,
  /** Root types that one update names: every client keeps each of them for ever. */
  updateRootsMax: 2 ** 16,
  /** Structs in one update: Yjs keeps about 150 bytes for each while it decodes. */
  updateStructsMax: 2 ** 21,
  /**
   * Shared types within one another in one update: Yjs calls itself for each level when it deletes, and 4,000 overflow its
   * stack at every reader. People's documents have some ten levels.
   */
  nestedTypesMax: 256,
  /** Bytes of one JSON or any-value in an update: it cannot be divided, so whoever reads it has to read it in one go. */
  updateValueBytesMax: 2 * 2 ** 20,
  /** An update of more is taken apart in the background into updates of this size, which are admitted one by one. */
  updatePartBytesMax: 64 * 2 ** 10,
  /** One presence message, and states in it. Parsing this much takes a few ms; relays write more as several messages. */
  presenceMessageBytesMax: 256 * 2 ** 10,
  presenceMessageStatesMax: 2_048,
  /** One hello: between relays it names up to `helloRoomsMax` rooms. */
  helloBytesMax: 512 * 2 ** 10,
  /** One message of the kinds that are a few bytes by nature: acknowledgement, permission, question for presence. */
  smallMessageBytesMax: 64 * 2 ** 10,
  /** Who was offered a hello answers it within this time, or is closed with 4408 when it speaks without. */
  helloMs: 30_000,
  /** Time of one turn of a relay's event loop that is spent on what others sent; the rest waits for the next turn. */
  turnBudgetMs: 5,
  /** New connections are let in this many at a time, a batch each `admissionPauseMs`: a crowd that returns is 1,000 a second. */
  admissionBatch: 20,
  admissionPauseMs: 20,
  /** Connections that wait to be let in; more are refused with 4529. */
  admissionQueueMax: 10_000,
  /** Bytes of live frames queued for one slow reader before the queue is dropped and it catches up from its cursor. */
  sessionQueueBytesMax: 1 * 2 ** 20,
  /** Bytes in the socket's own buffer at which a reader is given up on and closed with 1013. */
  sessionHardBytesMax: 16 * 2 ** 20,
  /** One chunk of a join or catch-up answer: at 1 Mbit/s a chunk of this size takes two seconds. */
  catchUpChunkBytesMax: 256 * 2 ** 10,
  /** Bytes of updates with gaps held back for one room. */
  heldBytesMax: 8 * 2 ** 20,
  /** How many of them; each is looked at again when something new has come. */
  heldUpdatesMax: 1_000,
  /** Updates with gaps are given up after this time. */
  heldMs: 60_000,
  /** A joiner whose room is still loading may send this much; then it is not read. */
  openingBytesMax: 1 * 2 ** 20,
  /** Bytes of one connection that wait for a commit; beyond it the connection is not read. */
  unackedBytesMax: 16 * 2 ** 20,
  /** Newest updates of a loaded room kept in memory for readers that lag a little. */
  recentBytesMax: 1 * 2 ** 20,
  /**
   * What was read of a room's tail for one joiner and is kept for the next: twice the tail at which a room is compacted. It
   * goes with the next compaction, or when nobody has joined for as long as an empty room stays loaded.
   */
  sharedTailBytesMax: 8 * 2 ** 20,
  /**
   * The same of all rooms together: a restart brings everybody back into all of them at once. Enough for some rooms whose tail
   * is as long as it gets; the one used longest ago reads its tail again.
   */
  sharedTailsBytesMax: 64 * 2 ** 20,
  /** Updates beyond the base at which a loaded room is compacted. */
  compactUpdates: 2_000,
  compactBytes: 4 * 2 ** 20,
  /** The same for a room that is about to be unloaded. */
  compactIdleUpdates: 100,
  /** Smaller updates are decoded on the spot before they are accepted, larger ones in the background. */
  decodeInlineBytesMax: 64 * 2 ** 10,
  /** Rooms named in one hello between relays. */
  helloRoomsMax: 1_000,
  /** A peer relay must answer a dial within this time. */
  peerDialMs: 10_000,
  /** How often a relay looks after presence, idle rooms and silent connections. */
  housekeepingMs: 1_000,
  /** Quarantined bytes and records kept for one room; what comes later is counted and not kept. */
  quarantineBytesMax: 4 * 2 ** 20,
  quarantineRecordsMax: 2_000,
  /** Update-carrying messages of one connection a second, sustained. */
  updatesPerSecondMax: 20_000,
  /** Rooms one connection address may open a minute. */
  roomsPerMinuteMax: 1_200,
  /** Rooms held in memory at once; beyond that the longest idle ones unload first, and new ones get 1013. */
  roomsLoadedMax: 20_000,
  /** Distance between two group commits under load, in ms. */
  commitSpacingMs: 2,
  /** The same at 2,700 updates a second and more: a commit and its writes cost as much for one update as for twenty. */
  commitSpacingMaxMs: 8,
  /** Anti-entropy between node and relay and between relays. */
  antiEntropyMs: 30_000,
  /** Stock clients hang up after 30 s of silence. */
  keepAliveMs: 25_000,
  /** A ping goes out this often on every connection that can ask. */
  pingMs: 15_000,
  /**
   * After so many pings without any sign of life the link is dropped. Two: on a slow link the first question may wait behind
   * megabytes in the system's own buffers.
   */
  pingsUnansweredMax: 2,
  /** The other end gets this long to answer a close before the socket is dropped. */
  closeAnswerMs: 2_000,
  /** At a stop, what was taken in gets this long to reach the disk. */
  drainMs: 4_000,
  /** An HTTP request, the upgrade included, must be complete within this time. */
  handshakeMs: 10_000,
  /** Presence is renewed this often and forgotten after `presenceTimeoutMs` without renewal (as in y-protocols). */
  presenceRenewMs: 15_000,
  presenceTimeoutMs: 30_000,
  /** Presence goes out at most this often, the latest state of each client once. */
  presenceBatchMs: 50,
  /** Presence older than this is not announced to a joiner: it may be a ghost. */
  presenceAnnounceMs: 20_000,
  /** The clock of a removed presence is remembered so that an echo does not bring it back. */
  presenceRemovedMs: 90_000,
  /** Presence states of one room; what peer links carry counts too. */
  presenceIdsPerRoomMax: 10_000,
  /** A room without clients is unloaded after this time. */
  roomIdleMs: 30_000,
  /** Reconnect schedule of nodes and peer links. */
  reconnectBaseMs: 500,
  reconnectCapMs: 30_000,
  /** Its ceiling for the first tries, twenty seconds in the mean: a relay that restarts has everybody back within ten. */
  reconnectEarlyCapMs: 4_000,
  reconnectEarlyAttempts: 12,
  /** A connection that stood this long resets the reconnect schedule. */
  stableConnectionMs: 10_000,
  /** What a command waits for the network before it leaves the rest queued. */
  commandSendMs: 2_000,
  /** The sync log keeps this many operations. */
  syncLogEntriesMax: 10_000,
  /** Completed tasks and decisions untouched for this many days move to the archive. */
  archiveAgeDays: 30,
  /** Completed tasks, and decisions, kept live; the longest untouched go first. */
  archiveCountMax: 500,
  /** Live document above this size: archive more. */
  liveBytesMax: 2 * 2 ** 20,
  /** Entries in one publication of a node; a longer outbox goes out in several. */
  publicationEntriesMax: 2_000,
  /** Own operations kept for undo, and changes kept of one of them; larger ones are undone by restoring a snapshot. */
  journalOperationsMax: 100,
  journalChangesMax: 2_000,
  /** Steps of a start that are under way at once, and of one group of them; more only queue for the same disk and core. */
  startWorkers: 8,
  startGroupWorkers: 4,
  /** Roles, groups, capabilities and topics of one registered agent, each list; longer ones are a mistake of a generator. */
  agentLabelsMax: 64,
  /** Characters of one of them, and of a region. */
  agentLabelLengthMax: 200,
  /** Bytes of the whole record of one registered agent, as JSON: it is read by everybody who sends to a group. */
  agentRecordBytesMax: 16 * 2 ** 10,
  /** Registrations that wait in one registrar; more are refused, so that a loop cannot fill the memory. */
  registrationsWaitingMax: 100_000,
  /** Further tries of a registration, and the time that one commit of a batch may take. */
  registrationRetries: 3,
  registrationTimeoutMs: 30_000,
  /** Jobs that run at once, and those of one group. */
  jobWorkers: 16,
  jobGroupWorkers: 5,
  /** Jobs of one runner that have not ended; more are refused. */
  jobsWaitingMax: 100_000,
  /** Ended jobs whose outcome can still be asked for. */
  jobsRememberedMax: 20_000,
  /** Events of a node at hand for who asks later, and those that wait while its stream is paused. */
  recentEventsMax: 1_000,
  heldEventsMax: 1_000,
  /** Calls of one event handler that may be under way, and failures in a row after which it is switched off. */
  handlerCallsMax: 100,
  handlerFailuresMax: 10,
  /** Names of metrics; a name made from data would fill the memory. */
  metricNamesMax: 1_000,
  /** Snapshots kept by an agent; the oldest goes first. */
  snapshotsMax: 20,
  /** Keys whose last shown basis is remembered, and of those the ones saved for later processes. */
  basisKeysMax: 10_000,
  basisKeysSavedMax: 2_000,
  /** Receipts that a node finds again by their id. */
  receiptsRememberedMax: 1_000,
  /** Pushes that wait for a relay's word; older ones enter the sync log as unconfirmed. */
  openPushesMax: 1_000,
  /** Presence ids remembered for one relay. */
  presenceClientsMax: 10_000,
  /** Records of an agent's log at which it is merged. Until then each one is there for history. */
  agentLogRecordsMax: 5_000,
  /** A durable message that nobody acts upon goes after this time: agents sleep over night and over a week-end's first day. */
  messageTtlMs: 24 * 60 * 60_000,
  /** An ephemeral message is about now. */
  ephemeralTtlMs: 300_000,
  messageTtlMsMax: 30 * 24 * 60 * 60_000,
  /** A message is a word to somebody; what is larger belongs into a file that it names. */
  messageBytesMax: 64 * 2 ** 10,
  /** Messages of one batch: at first, and when load has made batches grow; and their bytes. */
  messageBatchItems: 100,
  messageBatchItemsMax: 1_600,
  messageBatchBytesMax: 384 * 2 ** 10,
  /** How long the first message of a batch waits at most. */
  messageBatchMs: 50,
  /** Messages one agent may have waiting; beyond them senders are told. Hand-overs and critical ones have some more. */
  inboxMessagesMax: 10_000,
  inboxReserveMax: 1_000,
  /** And their bytes: what waits is in its recipient's memory and, durable, in everybody's document. */
  inboxBytesMax: 32 * 2 ** 20,
  inboxReserveBytesMax: 4 * 2 ** 20,
  /** An ephemeral message to one agent is sent again this often, first after this pause, then after twice and so on. */
  messageRetriesMax: 3,
  messageRetryMs: 1_000,
  /** Ephemeral messages of one node that wait to leave or to be acknowledged, and their bytes. */
  ephemeralWaitingMax: 100_000,
  ephemeralWaitingBytesMax: 64 * 2 ** 20,
  /** Bytes on their way to one recipient without its word; a relay queues this much for it without dropping. */
  ephemeralFlightBytesMax: 768 * 2 ** 10,
  /** Waiting this long counts as much as one step of priority. */
  priorityAgeMs: 10_000,
  /** A message that was shown and not acted upon is shown again after this time: whoever was shown it may be gone. */
  messageAgainMs: 60_000,
  /** Finished or expired messages whose sender does not clear them away are cleared by anybody after this time. */
  messageAbandonedMs: 10 * 60_000,
  /** Names one connection may subscribe to, and names one message may be posted to. */
  subscriptionsMax: 1_000,
  postNamesMax: 64,
  /** Bytes of one such name. */
  postNameBytesMax: 256,
  /** Sources whose messages are told from duplicates, and how many late ones of each. */
  seenSourcesMax: 1_024,
  seenGapsMax: 1_024,
  /** Log updates between two checkpoints of a room's history, at least: a jump applies one to three times as many, in tens of milliseconds. */
  historyCheckpointUpdates: 1_000,
  /** A relay keeps a room's history this long, unless it grows too large before. */
  historyDays: 90,
  /** A strategy that settles a conflict gets this long. */
  strategyMs: 5_000,
  /** Bytes of one status file; real ones reach 634 KB. */
  statusFileBytesMax: 4 * 2 ** 20,
  /** Nesting of a status file; the parser recurses. */
  statusFileNestingMax: 200,
  /** Tasks read from one status file. */
  statusTasksMax: 500,
  /** A status file that cannot be watched is looked at this often; a change shows within a second. */
  statusPollMs: 500,
  /** Writers touch a file several times in a row; it is read when this long has passed since the first. */
  statusSettleMs: 50,
  /** Log and checkpoints of one room; about a million small updates. */
  historyBytesMax: 256 * 2 ** 20,
  /** Stamps of a history answered at once. */
  historyItemsMax: 1_000,
  /** A relay is given this long to answer with a former context: it may hold 20 MB. */
  pastContextMs: 30_000,
  /** A lease: shorter ones end while their renewal travels, longer ones keep a restored arbiter waiting too long. */
  leaseMsMin: 1_000,
  leaseMsMax: 60 * 60_000,
  leaseMsDefault: 15 * 60_000,
  /** An observer waits this much longer than the lease: clocks of two machines drift apart, by 5 % at the very worst. */
  leaseObservedPercent: 110,
  /** Characters of the random name of one claim. */
  nonceLengthMax: 64,
  /** Bytes of a message 65: an id of the longest kind in its longest JSON form, and a handful of numbers. */
  claimBytesMax: 8 * 2 ** 10,
  /** Grants of one term: a term (seconds since 1970) and this many grants make a fence below 2^53. */
  grantsPerTermMax: 2 ** 20,
  /** A presented term further ahead of the arbiter's wall clock than this was made up. */
  termAheadSecondsMax: 30 * 24 * 3_600,
  /** Requests that wait for the arbiter of one room; each costs a commit. */
  arbiterQueueMax: 10_000,
  /** A node asks the arbiter again, or does without it, after this long. */
  arbiterAnswerMs: 5_000,
  /** Reservations of one room that are looked through for overlaps. */
  reservationsMax: 10_000,
  /** Characters of a file pattern, and the alternatives its braces may stand for. */
  globLengthMax: 1_024,
  globAlternativesMax: 64,
} as const;

export type Limits = { readonly [K in keyof typeof limits]: number };
