-- What the server asks of this editor: saving, what other servers know, looking at files and lenses again.
local M = {}
local found = vim.defaulttable() -- what each server found in each buffer, and in which version of it

-- The state of a buffer's file, to tell whether something else has written it.
local function on_disk(buffer)
  local stat = vim.uv.fs_stat(vim.api.nvim_buf_get_name(buffer))
  return stat and stat.mtime.sec .. '.' .. stat.mtime.nsec or ''
end

-- Saves, but never over what was written from elsewhere, unless the buffer shows just that.
function M.save(_, params)
  local buffer = vim.uri_to_bufnr(params.uri)
  local read, file = pcall(vim.fn.readfile, vim.api.nvim_buf_get_name(buffer))
  local same = read and vim.deep_equal(file, vim.api.nvim_buf_get_lines(buffer, 0, -1, true))
  if same or (vim.b[buffer].postil_on_disk or '') == on_disk(buffer) then
    pcall(vim.api.nvim_buf_call, buffer, function() vim.cmd('silent update' .. (same and '!' or '')) end)
  end
  return { saved = not vim.bo[buffer].modified }
end

-- What other servers find in a document, and the version that all of them have looked at.
function M.diagnostics(_, params)
  local buffer, version, all = vim.uri_to_bufnr(params.uri), math.huge, {}
  for server, it in pairs(found[buffer]) do
    if vim.lsp.buf_is_attached(buffer, server) then
      version = math.min(version, it.version)
      vim.list_extend(all, it.items)
    end
  end
  return version < math.huge and { version = version, diagnostics = all } or vim.NIL
end

-- Buffers without changes show what was written elsewhere; all of them at once would be put off until the next key.
function M.look_at_files()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and not vim.bo[buffer].modified then vim.cmd('silent! checktime ' .. buffer) end
  end
end

-- Lenses of chat documents and of the page of grants, where they are in view.
function M.look_again()
  M.look_at_files()
  for _, buffer in ipairs(vim.fn.tabpagebuflist()) do
    local name = vim.api.nvim_buf_get_name(buffer)
    if name:match('/%.postil/chat/') or name:match('/grants%.md$') then vim.lsp.codelens.refresh({ bufnr = buffer }) end
  end
  vim.cmd('redrawstatus!')
  return vim.NIL
end

local function note(method, read)
  local show = vim.lsp.handlers[method]
  vim.lsp.handlers[method] = function(failed, result, context, ...)
    local uri, version, items = read(result or {}, context)
    if version and items then found[vim.uri_to_bufnr(uri)][context.client_id] = { version = version, items = items } end
    return show(failed, result, context, ...)
  end
end

-- Begins to take note of files, lenses, questions, and what servers find; once.
function M.watch()
  M.watch = function() end
  local function on(events, call) vim.api.nvim_create_autocmd(events, { callback = function(it) call(it.buf) end }) end
  local function note_file(buffer) vim.b[buffer].postil_on_disk = on_disk(buffer) end
  vim.tbl_map(note_file, vim.tbl_filter(vim.api.nvim_buf_is_loaded, vim.api.nvim_list_bufs()))
  on({ 'BufReadPost', 'BufWritePost' }, note_file)
  on({ 'BufWinEnter', 'LspAttach' }, function() M.look_again() end)
  on('DiagnosticChanged', function() require('postil.actions').look() end)
  note('textDocument/publishDiagnostics', function(it) return it.uri, it.version, it.diagnostics end)
  note('textDocument/diagnostic', function(it, context) return context.params.textDocument.uri, context.version, it.items end)
end
return M
