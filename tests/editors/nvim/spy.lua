-- What a test wants to see of what the server sends, and the one choice that it makes in menus. Everything else is as it was.
spy = { edits = {}, messages = {}, progress = {}, menus = {}, choice = nil, prompts = {}, words = nil, before_edit = nil }

local handlers = vim.lsp.handlers

local function watch(method, note)
  local original = handlers[method]
  handlers[method] = function(err, params, ctx, config) return note(params, function() return original(err, params, ctx, config) end) end
end

watch('workspace/applyEdit', function(params, go_on)
  local change = params.edit.documentChanges[1]
  local buffer = vim.uri_to_bufnr(change.textDocument.uri)
  if spy.before_edit then
    local typed = spy.before_edit
    spy.before_edit = nil
    typed(buffer)
  end
  local before = vim.api.nvim_buf_get_changedtick(buffer)
  local edit = { version = change.textDocument.version, count = #params.edit.documentChanges, label = params.label }
  local result = go_on()
  edit.made = vim.api.nvim_buf_get_changedtick(buffer) ~= before
  edit.applied = result.applied
  table.insert(spy.edits, edit)
  return result
end)

watch('window/showMessage', function(params, go_on)
  table.insert(spy.messages, { text = params.message })
  return go_on()
end)

watch('$/progress', function(params, go_on)
  table.insert(spy.progress, params.value)
  return go_on()
end)

-- Menus are answered at once, by the title that the test has named.
vim.ui.select = function(items, options, done)
  local titles = vim.tbl_map(options.format_item or tostring, items)
  table.insert(spy.menus, { prompt = options.prompt, titles = titles })
  for index, title in ipairs(titles) do
    if spy.choice and vim.startswith(title, spy.choice) then return done(items[index], index) end
  end
  done(nil, nil)
end

-- So are inputs, with the words that the test has named; without any they are left.
vim.ui.input = function(options, done)
  table.insert(spy.prompts, { prompt = options.prompt })
  done(spy.words)
end
