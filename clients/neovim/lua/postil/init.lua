-- The language server: how it starts, what is asked of it, and what it tells. All that decides anything is there.
local M = {
  messages = {}, -- what it said, whole
  working = {}, -- what each turn in progress does, by its token
  waiting = 0, -- how many questions are open
}

-- What to show in the status line: nothing where no server runs, else what waits for you, what the agent does, or its name.
function M.status()
  if not M.client() then return M.died and 'Postil: ended' or '' end
  if M.waiting > 0 then return ('Postil: %d question%s'):format(M.waiting, M.waiting > 1 and 's' or '') end
  local _, words = next(M.working)
  return words and 'Postil: ' .. words:gsub(' · .*', '') or 'Postil' -- without steps and sums: a status line is short
end

-- Says one line, cut so that no key has to be pressed for it; `:Postil messages` has all of it.
function M.say(words, level)
  table.insert(M.messages, words)
  if vim.startswith(vim.api.nvim_get_mode().mode, 'c') then return end -- it would stand in what is being typed
  local line, most = words:match('^[^\n]*'), math.max(vim.o.columns - 20, 20)
  line = vim.fn.strchars(line) > most and vim.fn.strcharpart(line, 0, most - 1) .. '…' or line
  vim.api.nvim_echo({ { line, ({ 'ErrorMsg', 'WarningMsg' })[level or 3] } }, true, {})
end

-- The server that runs.
function M.client()
  return vim.iter(vim.lsp.get_clients({ name = 'postil' })):find(function(it) return not it:is_stopped() end)
end

-- Asks the server; what it refuses is said.
function M.request(method, params, done, buffer)
  local client = M.client()
  if not client then return M.say('Postil: no server runs. Open a file of your project, or see :checkhealth postil', 2) end
  client:request(method, params, function(failed, result)
    if failed then return M.say('Postil: ' .. failed.message, 2) end
    if done then done(result) end
  end, buffer or 0)
end

-- Runs one of its commands.
function M.run(command, it, done)
  local argument = next(it) and it or vim.empty_dict()
  M.request('workspace/executeCommand', { command = 'postil.server.' .. command, arguments = { argument } }, done)
end

-- Ends the server, if it runs, and starts one for the same buffers.
function M.restart()
  M.again = M.client() ~= nil
  if M.again then M.client():stop() else vim.lsp.enable('postil') end
end

local function ended(code, signal)
  local again = M.again
  M.again, M.working, M.waiting, M.died = nil, {}, 0, not again and code + signal ~= 0
  if again then vim.schedule(function() vim.lsp.enable('postil') end) end
  vim.schedule(function() vim.cmd('redrawstatus!') end)
end

local function progress(failed, it, ...)
  require('postil.client').look_at_files()
  M.working[it.token] = it.value.kind ~= 'end' and (it.value.message or M.working[it.token] or 'Working') or nil
  vim.cmd('redrawstatus!')
  return vim.lsp.handlers['$/progress'](failed, it, ...)
end

-- How it is started, with what this editor offers beyond the protocol.
function M.config()
  local client = require('postil.client')
  client.watch()
  return {
    cmd = { 'postil', 'serve' },
    flags = { debounce_text_changes = 20 }, -- the agent sees typing sooner, and fewer of its edits cross it
    root_dir = vim.fs.root(0, { '.git', '.postil' }) or vim.fn.getcwd(), -- one server, that of the first file
    capabilities = vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), {
      workspace = { codeLens = { refreshSupport = true } }, experimental = { postil = { save = true, diagnostics = true, words = true } },
    }),
    handlers = {
      ['postil/client/save'] = client.save,
      ['postil/client/diagnostics'] = client.diagnostics,
      ['workspace/codeLens/refresh'] = client.look_again,
      ['window/showMessage'] = function(_, it) M.say(it.message, it.type) end,
      ['$/progress'] = progress,
    },
    on_exit = ended,
  }
end
return M
