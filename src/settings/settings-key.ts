/** The row of the table `settings` that holds them. */
export const settingsKey = 'notifications';
