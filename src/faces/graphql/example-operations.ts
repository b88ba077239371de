const signIn = `# Sign in: open Headers below, and put there
# { "Authorization": "Bearer <your token>" }
# Run with the button or Ctrl-Enter.
`;

/** The operations that GraphiQL begins with, a tab for each. */
export const exampleOperations: readonly string[] = [
  `${signIn}
query ListInbox {
  inbox(limit: 10) {
    unread_count
    total_count
    notifications {
      id
      subject
      message
      read_at
      timestamp
    }
  }
}
`,
  `# { users_me { id } } is your own id, and
# { users { id email } } are all, for admins.
mutation Create {
  create_notifications_item(
    data: {
      recipient: "<id of a user>"
      subject: "Your export is ready"
      message: "It has **12** pages."
    }
  ) {
    id
    recipient { email }
  }
}
`,
  `# Shows the changes of your inbox from now on.
# Leave it running, and create a notification
# for yourself in another window.
#
# GraphiQL sends the Headers here, too. Clients
# on a WebSocket send the token as
# connectionParams: { access_token: "…" }
subscription Watch {
  inbox_changes {
    kind
    unread_count
    notification { id subject }
  }
}
`,
];
