-- The chat's window: a document of `.postil/chat` in a split. What stands in it is the server's and yours.
local server = require('postil')
local M = {}
local function is_chat(buffer) return vim.api.nvim_buf_get_name(buffer):match('/%.postil/chat/[^/]+%.md$') ~= nil end

-- The chat document that is meant, and its window: that of the cursor, else one in view, else one that is open.
function M.buffer()
  for _, window in ipairs({ 0, unpack(vim.api.nvim_tabpage_list_wins(0)) }) do
    local buffer = vim.api.nvim_win_get_buf(window)
    if is_chat(buffer) then return buffer, window end
  end
  return vim.iter(vim.api.nvim_list_bufs()):filter(vim.api.nvim_buf_is_loaded):find(is_chat)
end

-- The session that it shows; nil where it has none yet.
function M.session()
  return table.concat(M.buffer() and vim.api.nvim_buf_get_lines(M.buffer(), 0, 5, false) or {}, '\n'):match('<!%-%- postil (%S+)')
end

-- Shows a document in the chat's window, made where there is none. The focus stays where it is, unless it is asked for.
function M.show(buffer, focus)
  local window = select(2, M.buffer()) or vim.api.nvim_open_win(buffer, false, vim.g.postil_window or { split = 'right', win = -1 })
  vim.bo[buffer].buflisted = true
  vim.api.nvim_win_set_buf(window, buffer)
  vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(buffer), 0 })
  local look = { wrap = true, linebreak = true, foldmethod = 'expr', foldexpr = 'v:lua.vim.lsp.foldexpr()', foldlevel = 2 }
  for name, value in pairs(look) do vim.wo[window][0][name] = value end
  if focus then vim.api.nvim_set_current_win(window) end
end

-- Shows the document of a session, which becomes that of `uri` where it has none, or a new one.
function M.open(session, focus, uri)
  server.run('chat.new', { sessionId = session, uri = uri, show = false }, function(it) M.show(vim.uri_to_bufnr(it.uri), focus) end)
end

-- Lists the changes that nobody has looked at: those with the lens *Keep*.
function M.review()
  local buffer, rows = M.buffer() or 0, {}
  server.request('textDocument/codeLens', { textDocument = { uri = vim.uri_from_bufnr(buffer) } }, function(lenses)
    for _, it in ipairs(lenses or {}) do
      local line = it.command.title == 'Keep' and it.range.start.line + 1
      if line then table.insert(rows, { bufnr = buffer, lnum = line, text = vim.fn.getbufline(buffer, line)[1] }) end
    end
    if #rows == 0 then return server.say('Postil: no change is left to look at in the chat') end
    vim.fn.setqflist({}, ' ', { title = 'Postil: changes', items = rows })
    vim.cmd('botright copen')
  end, buffer)
end
return M
