-- What `:Postil` can be followed by. Each is a command of the server's, or leads to what it offers.
local actions, chat, server = require('postil.actions'), require('postil.chat'), require('postil')
local M = {}
-- Asks, about the lines that were given where some were. The answer comes into the chat's window.
local function ask(it, steer)
  local function send(words)
    if not words or not words:match('%S') then return end
    local argument, method, view = { text = words, sessionId = chat.session(), steer = steer }, 'session.prompt', chat.buffer()
    argument.newSession = view ~= nil and not argument.sessionId -- a new chat has a session of its own
    if it.range > 0 then
      local client, last = server.client() or {}, math.max(#vim.fn.getline(it.line2) - 1, 0)
      local place = vim.lsp.util.make_given_range_params({ it.line1, 0 }, { it.line2, last }, 0, client.offset_encoding or 'utf-8')
      argument.uri, argument.range, argument.steer, method = place.textDocument.uri, place.range, nil, 'ask'
    end
    server.run(method, argument, function(turn) chat.open(turn.sessionId, false, view and vim.uri_from_bufnr(view)) end)
  end
  if it.words ~= '' then send(it.words) else vim.ui.input({ prompt = 'Ask agent: ' }, send) end
end

-- Runs a command for the session that is meant: that of the chat in view and no other, else the newest that fits, which is named.
local function of_session(command, fits, none, key)
  return function(it)
    local mine, _, view = chat.session(), chat.buffer()
    local function is_meant(row) return fits(row, view and mine) and (not view or row.sessionId == mine) end
    server.run('session.list', {}, function(found)
      local row = vim.iter(found.sessions):find(is_meant)
      if not row then return server.say('Postil: ' .. none:format(it.words)) end
      local function done() server.say(('Postil: %s, in “%s”'):format(vim.trim(it.name .. ' ' .. it.words), row.title)) end
      server.run(command, { sessionId = row.sessionId, [key or 'words'] = it.words }, not view and done or nil)
    end)
  end
end
local function is_open(row, mine) return row.open or row.sessionId == mine end

-- Opens the chat: the document that is there, else that of the newest session that is open, or a new one; `of` asks of which.
local function open(it)
  if it.words == 'new' then return chat.open(nil, true) end
  if it.words == '' and chat.buffer() then return chat.show(chat.buffer(), true) end
  server.run('session.list', {}, function(found)
    local newest = vim.iter(found.sessions):find(function(row) return row.open end) or {}
    if it.words ~= 'of' then return chat.open(newest.sessionId, true) end
    local options = { prompt = 'Postil: sessions', format_item = function(row) return row.title end }
    vim.ui.select(found.sessions, options, function(row) if row then chat.open(row.sessionId, true) end end)
  end)
end

local commands = {
  actions = function() actions.act(nil, true) end,
  allow = function(it) actions.answer('allow_' .. (it.words == '' and 'once' or it.words)) end,
  answer = function() actions.answer() end,
  ask = ask,
  chat = open,
  compact = of_session('session.compact', is_open, 'there is no session yet, and nothing to compact'),
  deny = function(it) actions.answer(it.words == '' and 'reject_once' or 'reject_with_reason', it.words ~= '' and it.words or nil) end,
  log = function() vim.cmd.split(vim.fn.fnameescape(vim.lsp.log.get_filename())) end,
  messages = function() print(table.concat(server.messages, '\n')) end,
  mode = of_session('session.mode', is_open, 'there is no session yet. Send /mode %s in the chat', 'mode'),
  model = of_session('session.model', is_open, 'there is no session yet. Send /model %s in the chat', 'model'),
  question = function() actions.go() end,
  restart = function() server.restart() end,
  resume = of_session('session.resume', function(row) return not row.busy and row.status ~= 'clean' end, 'no turn was left open here'),
  review = function() chat.review() end,
  steer = function(it) ask(it, true) end,
  stop = of_session('session.cancel', function(row) return row.busy end, 'no turn is in progress here'),
}
local at_line = { -- what is offered on a line, by how its title begins
  continue = 'Postil: Continue', explain = 'Explain', fix = 'Ask agent to fix', keep = '(Postil: Keep|Keep mine)',
  rewind = 'Postil: Rewind', send = 'Postil: (Send|Queue)$', undo = '(Postil: Undo|Take disk)',
}
for name, title in pairs(at_line) do
  commands[name] = function() actions.act(function(it) return vim.fn.match(it.title, '\\v^' .. title) == 0 end) end
end
for _, name in ipairs({ 'grants', 'memory', 'overview' }) do -- pages
  local function show(it) vim.cmd.edit(vim.fn.fnameescape(vim.uri_to_fname(it.uri))) end
  commands[name] = function() server.run(name, { show = false }, show) end
end

-- Runs what follows `:Postil`; nothing means the chat.
function M.run(it)
  local name, words = it.args:match('^(%S*)%s*(.-)%s*$')
  local command = commands[name == '' and 'chat' or name]
  if not command then return server.say(('Postil: there is no :Postil %s'):format(name), 2) end
  command({ name = name, words = words, range = it.range, line1 = it.line1, line2 = it.line2 })
end

-- Completes it.
function M.complete(start, line)
  local name = line:match('Postil%s+(%S+)%s')
  local words = { allow = { 'always', 'once', 'session' }, chat = { 'new', 'of' } }
  local all, kind = not name and vim.tbl_keys(commands) or words[name], name and name .. 's'
  if name == 'mode' or name == 'model' then
    server.run(kind, {}, function(it) all = vim.tbl_map(function(row) return row.name end, it[kind]) end)
    vim.wait(server.client() and 1000 or 0, function() return all ~= nil end, 10)
  end
  return vim.fn.sort(vim.tbl_filter(function(it) return vim.startswith(it, start) end, all or {}))
end
return M
