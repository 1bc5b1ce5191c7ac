using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Gateway.A2a;
using Parley.Gateway.Mcp;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;
using Parley.Protocol.Messaging;
using Message = Parley.Protocol.Wire.Message;
using Task = System.Threading.Tasks.Task;

namespace Parley.Hub.AgentApi.Mcp;

/// <summary>The tools of one session of the holder of a key. Such a caller has no mailbox: what can be unread is answers to what it sent.</summary>
internal sealed partial class KeyTools(Principal caller, McpParts parts) : IAgentToolHost, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, McpCall> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Target, string Thread)> _read = new(StringComparer.Ordinal);
    private readonly Queue<string> _readOrder = new();
    private TaskCompletionSource _changed = NewChange();
    private bool _isOver;

    /// <inheritdoc/>
    public IReadOnlyList<AgentTool> Tools => AgentToolSchemas.All;

    /// <inheritdoc/>
    public int Unread
    {
        get
        {
            lock (_gate)
            {
                return _calls.Values.Count(call => call.Over.IsCompleted && !call.IsTaken);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<AgentToolAnswer> CallAsync(string tool, ToolArguments arguments, Action<string> progress, CancellationToken cancellationToken) => tool switch
    {
        AgentToolSchemas.Whoami => Said(WhoAmI()),
        AgentToolSchemas.ListAgents => Said(AgentListText.Of(await ListAsync(arguments, cancellationToken))),
        AgentToolSchemas.SendToAgent => await SendAsync(arguments.Required("agent_id"), arguments.Required("message"), arguments.Optional("thread"), arguments.Wait, progress, cancellationToken),
        AgentToolSchemas.WaitMessage => await WaitAsync(arguments.Optional("id"), arguments.Wait, progress, cancellationToken),
        AgentToolSchemas.CheckInbox => Said(Inbox()),
        AgentToolSchemas.Reply => await ReplyAsync(arguments, progress, cancellationToken),
        AgentToolSchemas.Ack => Acknowledge(arguments.Required("message_id")),
        AgentToolSchemas.ListTasks => Said(await TasksAsync(arguments, cancellationToken)),
        AgentToolSchemas.EmitEvent or AgentToolSchemas.GetState or AgentToolSchemas.SetState => Said(await OperationTools.RunAsync(tool, arguments, InvokeAsync, cancellationToken)),
        _ => throw new ParleyException(ErrorCode.Unsupported, "There is no such tool."),
    };

    /// <inheritdoc/>
    public void OnDefect(Exception exception) => LogDefect(parts.Logger, exception);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            foreach (var call in _calls.Values)
            {
                call.End();
            }

            _calls.Clear();
        }
    }

    private AgentToolAnswer Said(params IReadOnlyList<string> blocks) => new(blocks, Unread);

    private string WhoAmI() => caller.Agent is { } agent ? $"You are the agent {agent}."
        : caller.Owner is { } owner ? $"You hold a key of the owner {owner}; agents see you as {owner}.{CallerAddresses.Api}."
        : "You hold the hub's admin key; agents see you as their owner's admin.";

    private async Task<Page<AgentView>> ListAsync(ToolArguments arguments, CancellationToken cancellationToken)
    {
        var wish = JsonSerializer.SerializeToUtf8Bytes(new ListArguments { Selector = arguments.Optional("selector") }, ManagementJson.Compact.ListArguments);
        return JsonSerializer.Deserialize(await InvokeAsync("agents.list", wish, cancellationToken), ManagementJson.Answers.PageAgentView)!;
    }

    private Task<byte[]> InvokeAsync(string operation, ReadOnlyMemory<byte> arguments, CancellationToken cancellationToken) => parts.CallAsync(caller, operation, arguments, cancellationToken);

    private async Task<AgentToolAnswer> SendAsync(string target, string text, string? thread, TimeSpan wait, Action<string> progress, CancellationToken cancellationToken)
    {
        var agent = parts.Cards.Find(caller, target);
        var id = EnvelopeId.Make(parts.Random).Value;
        var request = new AgentCallRequest(CallerAddresses.Of(caller, agent), agent, id, new Message { Content = ByteString.CopyFromUtf8(text) })
        {
            Thread = ThreadOf(thread) ?? "t-" + id,
        };
        lock (_gate)
        {
            if (_isOver)
            {
                // Its client ended it meanwhile: nobody would ever let go of the answer.
                throw new ParleyException(ErrorCode.NotFound, "The session has ended: begin another with initialize.");
            }

            if (_calls.Count >= parts.Options.MaxPending)
            {
                throw new ParleyException(ErrorCode.RateLimited, "Too many messages wait for answers: read some with wait_message first.");
            }

            _calls.Add(id, new McpCall(parts.Calls.Start(request), request.Thread, Change));
        }

        return await WaitAsync(id, wait, progress, cancellationToken);
    }

    // Of two keys of one owner neither may write into the other's conversations; both speak as the same sender.
    private string? ThreadOf(string? thread) => thread is null ? null
        : thread.StartsWith("t-", StringComparison.Ordinal) && KnowsThread(thread) ? thread
        : "t-" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.CredentialId}\n{thread}"))[..12]);

    private bool KnowsThread(string thread)
    {
        lock (_gate)
        {
            return _calls.Values.Any(call => call.Thread == thread) || _read.Values.Any(read => read.Thread == thread);
        }
    }

    private async Task<AgentToolAnswer> WaitAsync(string? id, TimeSpan patience, Action<string> progress, CancellationToken cancellationToken)
    {
        var begun = parts.Time.GetTimestamp();
        var told = string.Empty;
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (id is not null && !_calls.ContainsKey(id))
                {
                    throw new ParleyException(ErrorCode.NotFound, "This session waits for no answer of that id.");
                }

                if (_calls.Values.FirstOrDefault(call => call.Over.IsCompleted && !call.IsTaken && (id is null || call.Id == id)) is { } call)
                {
                    call.IsTaken = true;
                    return HandOver(call);
                }

                if (id is not null && _calls[id].State is var state && state != told)
                {
                    told = state;
                    progress($"{_calls[id].Target}: {state}");
                }

                changed = _changed.Task;
            }

            var left = patience - parts.Time.GetElapsedTime(begun);
            try
            {
                await changed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, parts.Time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return Said(id is null ? "No answer has come." : $"Pending: no answer yet. Call wait_message with id {id} to wait on.");
            }
        }
    }

    private AgentToolAnswer HandOver(McpCall call)
    {
        var unread = _calls.Values.Count(other => other.Over.IsCompleted && !other.IsTaken);
        var answer = call.Over.IsCompletedSuccessfully
            ? new AgentToolAnswer(AgentToolAnswer.Quote(call.Target, $"The answer to {call.Id} (thread {call.Thread}).", call.Over.GetAwaiter().GetResult()), unread)
            : AgentToolAnswer.Refused(call.Over.Exception?.InnerException as ParleyException ?? new ParleyException(ErrorCode.ResponderInterrupted, "There is no answer."), unread);
        return answer with { Settled = isHanded => Settle(call, isHanded) };
    }

    private void Settle(McpCall call, bool isHanded)
    {
        lock (_gate)
        {
            call.IsTaken = false;
            if (isHanded && _calls.Remove(call.Id))
            {
                call.End();
                _read[call.Id] = (call.Target, call.Thread);
                _readOrder.Enqueue(call.Id);
                if (_readOrder.Count > parts.Options.MaxPending)
                {
                    _read.Remove(_readOrder.Dequeue());
                }
            }
        }

        Change();
    }

    private string Inbox()
    {
        lock (_gate)
        {
            var lines = _calls.Values.Select(call => call.Over.IsCompleted ? $"answer of {call.Target} to {call.Id} (thread {call.Thread})" : $"waiting for the answer of {call.Target} to {call.Id} ({call.State})");
            return _calls.Count == 0 ? "Nothing is unread, and nothing is waited for." : string.Join('\n', lines);
        }
    }

    /// <summary>Without a mailbox there are only answers to answer: the next message of the same conversation.</summary>
    private Task<AgentToolAnswer> ReplyAsync(ToolArguments arguments, Action<string> progress, CancellationToken cancellationToken)
    {
        (string Target, string Thread) read;
        lock (_gate)
        {
            if (!_read.TryGetValue(arguments.Required("message_id"), out read))
            {
                throw new ParleyException(ErrorCode.NotFound, "This session has read no answer of that id.");
            }
        }

        return SendAsync(read.Target, arguments.Required("text"), read.Thread, arguments.Wait, progress, cancellationToken);
    }

    private AgentToolAnswer Acknowledge(string id)
    {
        McpCall? call;
        lock (_gate)
        {
            if (!_calls.TryGetValue(id, out call) || !call.Over.IsCompleted)
            {
                throw new ParleyException(ErrorCode.NotFound, "This session has no unread answer of that id.");
            }
        }

        Settle(call, isHanded: true);
        return Said($"{id} is read.");
    }

    private async Task<string> TasksAsync(ToolArguments arguments, CancellationToken cancellationToken)
    {
        var request = new ListTasksRequest { Tenant = parts.Cards.Find(caller, arguments.Required("agent_id")).ToString(), PageSize = arguments.Number("limit", 20, 1, 100) };
        var tasks = await parts.Tasks.ListAsync(new ApiCall(caller, A2aVersion.V1), request, cancellationToken);
        var lines = tasks.Tasks.Select(task => string.Create(CultureInfo.InvariantCulture, $"{task.Id} {task.Status.State} since {task.Status.Timestamp?.ToDateTime():yyyy-MM-ddTHH:mm:ssZ} (thread {task.ContextId})"));
        return tasks.Tasks.Count == 0 ? "There are no tasks of yours." : string.Join('\n', lines);
    }

    private void Change()
    {
        lock (_gate)
        {
            _changed.TrySetResult();
            _changed = NewChange();
        }
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(Level = LogLevel.Error, Message = "A tool failed")]
    private static partial void LogDefect(ILogger logger, Exception exception);
}
