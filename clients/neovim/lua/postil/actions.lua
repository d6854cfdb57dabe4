-- What the server offers at a line, and the questions that wait for an answer there. They are diagnostics; nothing pops up.
local server = require('postil')
local M = {}
local open, since = {}, {} -- the questions, those of a file from top to bottom, and when each came
local READ = 400 -- milliseconds before one can be answered: what came just now has not been read
-- Takes note of the open questions.
function M.look()
  local client, before = server.client(), since
  open, since = {}, {}
  for _, it in ipairs(client and vim.diagnostic.get(nil, { namespace = vim.lsp.diagnostic.get_namespace(client.id) }) or {}) do
    it.id = vim.tbl_get(it, 'user_data', 'lsp', 'data', 'questionId')
    if it.id then open[#open + 1], since[it.id] = it, before[it.id] or vim.uv.now() end
  end
  table.sort(open, function(a, b) return a.bufnr < b.bufnr or a.bufnr == b.bufnr and a.lnum < b.lnum end)
  server.waiting = #open
  vim.cmd('redrawstatus!')
end

local function is_here(it)
  return it.bufnr == vim.api.nvim_get_current_buf() and it.lnum < vim.fn.line('.') and vim.fn.line('.') <= it.end_lnum + 1
end
-- The last line of the question at the cursor: in a chat, where its answer will stand.
local function last_line() return math.max(vim.fn.line('.'), vim.fn.search('^- answer: waiting$', 'nW')) end

-- Goes to the next question.
function M.go()
  if #open == 0 then return server.say('Postil: no question is open') end
  local at = 0
  for index, it in ipairs(open) do at = is_here(it) and index or at end
  local wanted = open[at % #open + 1]
  since[wanted.id] = vim.uv.now() -- it comes into sight only now
  local window = vim.fn.bufwinid(wanted.bufnr)
  if window ~= -1 then vim.api.nvim_set_current_win(window) else vim.cmd.buffer(wanted.bufnr) end
  vim.api.nvim_win_set_cursor(0, { math.min(wanted.lnum + 1, vim.fn.line('$')), 0 })
  vim.cmd(('silent! .,%dfoldopen!'):format(last_line()))
end

-- Does what is offered on the line and fits; of several things one chooses. What others find there is told, so that it can be mended.
function M.act(fits, choose)
  local here = vim.lsp.diagnostic.from(vim.diagnostic.get(0, { lnum = vim.fn.line('.') - 1 }))
  vim.lsp.buf.code_action({ filter = fits, apply = not choose, context = { diagnostics = here } })
end

-- Answers the question at the cursor: by an option's id, else from a menu. Never one that is elsewhere, in a fold, or has just come.
function M.answer(option, words)
  local here = vim.tbl_filter(is_here, open)
  if #here == 0 then return M.go() end
  local folded = vim.iter(vim.fn.range(vim.fn.line('.'), last_line())):any(function(line) return vim.fn.foldclosed(line) ~= -1 end)
  if folded then since[here[1].id] = vim.uv.now() end
  local why = folded and 'a fold hides this question. Open it and read first' or 'this question has just come. Read it first'
  if vim.uv.now() - since[here[1].id] < READ then return server.say('Postil: ' .. why) end
  M.act(function(it)
    local argument = vim.tbl_get(it, 'command', 'arguments', 1) or {}
    argument.text = words
    return argument.questionId == here[1].id and argument.optionId and (not option or option == argument.optionId)
  end, not option or #here > 1)
end

-- An answer from a menu or a lens. *Deny and say why…* asks for the words; leaving that answers nothing.
vim.lsp.commands['postil.server.session.answer'] = function(command)
  local argument = command.arguments[1]
  if argument.optionId ~= 'reject_with_reason' or argument.text then return server.run('session.answer', argument) end
  vim.ui.input({ prompt = 'Why not? ' }, function(words)
    if words then server.run('session.answer', vim.tbl_extend('force', argument, { text = words })) end
  end)
end
return M
