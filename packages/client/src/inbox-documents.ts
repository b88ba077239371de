import { figureFields, itemFields } from './requests.ts';

const operation = 'id action changed skipped undoable_until inbox { cursor }';

export const pageDocument = `query ($limit: Int, $before: ID, $filter: inbox_filter) {
  inbox(limit: $limit, starting_before: $before, filter: $filter) { notifications { ${itemFields} } ${figureFields} } }`;
export const changeDocument = `mutation ($data: change_inbox_input!) { operation: change_inbox(data: $data) { ${operation} } }`;
export const undoDocument = `mutation ($id: ID!) { operation: undo_inbox_operation(id: $id) { ${operation} } }`;
