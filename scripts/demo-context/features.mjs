// The features of the imagined product: a parcel service with a shop, drivers and a back office. Data only.
// [area, feature, what the API is called, how far it is: 0 planned … 1 done]

export const features = [
  ["accounts", "sign-up with e-mail", "POST /accounts", 1],
  ["accounts", "sign-in with OAuth2", "POST /sessions/oauth", 1],
  ["accounts", "password reset", "POST /password-resets", 1],
  ["accounts", "business accounts with several users", "POST /organisations", 0.6],
  ["accounts", "export and deletion of personal data", "DELETE /accounts/{id}", 0.2],
  ["booking", "price quote", "POST /quotes", 1],
  ["booking", "booking of a parcel", "POST /parcels", 1],
  ["booking", "pickup windows", "GET /pickup-windows", 0.9],
  ["booking", "bulk booking from a spreadsheet", "POST /parcels/bulk", 0.5],
  ["booking", "returns label", "POST /parcels/{id}/return", 0.3],
  ["payments", "card payments", "POST /payments", 1],
  ["payments", "refunds", "POST /refunds", 0.8],
  ["payments", "monthly invoices", "GET /invoices", 0.6],
  ["payments", "direct debit", "POST /mandates", 0.1],
  ["tracking", "parcel timeline", "GET /parcels/{id}/events", 1],
  ["tracking", "live map for the last mile", "GET /parcels/{id}/position", 0.6],
  ["tracking", "delivery photo", "POST /parcels/{id}/photo", 0.4],
  ["drivers", "daily route", "GET /routes/today", 0.9],
  ["drivers", "scan at the door", "POST /scans", 0.9],
  ["drivers", "work without a network", "POST /scans/batch", 0.5],
  ["drivers", "swap of stops between drivers", "POST /routes/{id}/swaps", 0.1],
  ["routing", "route planning by district", "POST /plans", 0.8],
  ["routing", "replanning during the day", "PATCH /plans/{id}", 0.4],
  ["routing", "capacity forecast", "GET /forecasts", 0.2],
  ["notifications", "e-mail on status changes", "POST /notifications", 1],
  ["notifications", "text messages", "POST /notifications/sms", 0.7],
  ["notifications", "preferences of recipients", "PUT /preferences", 0.4],
  ["back-office", "search for parcels", "GET /search", 0.9],
  ["back-office", "claims for damaged parcels", "POST /claims", 0.5],
  ["back-office", "roles and permissions", "PUT /roles/{id}", 0.7],
  ["back-office", "audit log", "GET /audit", 0.6],
  ["platform", "health checks and dashboards", "GET /healthz", 1],
  ["platform", "blue-green deployment", "deploy pipeline", 0.7],
  ["platform", "backups with restore drill", "restore job", 0.5],
  ["platform", "rate limits", "gateway rules", 0.2],
];

/** The steps of a feature: [key, title, roles that do it, hours]. */
export const steps = [
  ["design", "Design", ["planner"], 4],
  ["schema", "Write the migration for", ["builder", "builder-2"], 3],
  ["api", "Implement the API of", ["builder", "builder-2"], 12],
  ["ui", "Build the screens of", ["frontend"], 10],
  ["test", "Test", ["tester"], 6],
  ["review", "Review", ["reviewer", "security"], 2],
  ["docs", "Document", ["docs"], 2],
];

/** What blocks work in this project: [reason, who can lift it]. */
export const blockers = [
  ["Awaiting the API specification of the payment provider", "planner"],
  ["The staging database is being restored", "ops"],
  ["Legal has to confirm how long photos may be kept", "planner"],
  ["The map provider's contract is not signed", "planner"],
  ["Waiting for the security review of the token format", "security"],
  ["The test phones are with the field team", "tester"],
  ["Needs a decision on the retry policy", "builder"],
  ["The design of the empty state is missing", "frontend"],
];

export const questions = [
  ["builder", "planner", "Should we limit sign-in attempts per address or per account?", "Sign-in endpoint", "high"],
  ["frontend", "planner", "What does the timeline show while a parcel changes hands?", "Parcel timeline", "medium"],
  [
    "tester",
    "builder",
    "Which clock do the pickup windows follow on the day of the time change?",
    "Pickup windows",
    "high",
  ],
  ["builder-2", "ops", "May a migration lock the parcels table for two seconds at night?", "Schema of returns", "high"],
  ["docs", "builder", "Is POST /quotes idempotent, and for how long?", "API reference", "low"],
  ["security", "ops", "Where are the keys of the invoice signature kept?", "Monthly invoices", "critical"],
  ["reviewer", "builder-2", "Why is the scan batch accepted twice within a minute?", "Offline scans", "medium"],
  ["ops", "planner", "How many parcels a day do we plan for in December?", "Capacity", "high"],
  ["frontend", "builder", "Can the position be pushed instead of polled?", "Live map", "medium"],
  ["planner", "security", "May a driver see the phone number after the delivery?", "Daily route", "high"],
  ["builder", "tester", "Is there a recorded day of real scans that I may replay?", "Offline work", "medium"],
  ["docs", "planner", "Which features are named in the first release note?", "Release 0.9", "low"],
  ["tester", "ops", "When is the next restore drill?", "Backups", "medium"],
  ["builder-2", "planner", "Are partial refunds in the first release?", "Refunds", "high"],
  [
    "security",
    "builder",
    "Why does the export contain the addresses of recipients?",
    "Export of personal data",
    "critical",
  ],
  ["frontend", "docs", "Do we say parcel or shipment on the screens?", "Wording", "low"],
  ["reviewer", "planner", "Who owns the forecast model after the pilot?", "Capacity forecast", "medium"],
  ["ops", "builder", "Which of the two queues may lose messages?", "Notifications", "high"],
];

export const notes = [
  "Performance testing is planned for the week after the pilot",
  "The client prefers PostgreSQL over MySQL",
  "The pilot runs in two districts with eleven drivers",
  "Support is answered by the back-office team until the first release",
  "Text messages cost money: the preference comes before the second message",
  "The map tiles are cached for a day, as the provider allows",
  "Holidays: nobody deploys between 23 December and 2 January",
  "A parcel number has twelve digits and a check digit, and is never reused",
  "The word for the person at the door is recipient, not customer",
  "Staging is reset every Monday at 06:00 UTC",
];
