/** The key of the row in the table `settings` that holds these settings. */
export const settingsKey = 'notifications';
