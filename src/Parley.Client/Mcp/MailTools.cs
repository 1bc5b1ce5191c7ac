using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Gateway.Mcp;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;

namespace Parley.Client.Mcp;

/// <summary>The tools of an agent's model, over the agent's own link.</summary>
internal sealed partial class MailTools(AgentMail mail, Func<HubLink.HubLink> link, HubProfile profile, PeerMcpTool? peers, TimeProvider time, ILogger logger) : IAgentToolHost
{
    private const int MaxInlineFileBytes = 16 * 1024;

    /// <inheritdoc/>
    public IReadOnlyList<AgentTool> Tools { get; } = [.. AgentToolSchemas.All.Where(tool => tool.Name != AgentToolSchemas.ListTasks), .. peers?.Tools ?? []];

    /// <inheritdoc/>
    public int Unread => mail.Unread;

    /// <inheritdoc/>
    public async Task<AgentToolAnswer> CallAsync(string tool, ToolArguments arguments, Action<string> progress, CancellationToken cancellationToken) => tool switch
    {
        AgentToolSchemas.Whoami => Said($"You are the agent {profile.Agent} on the hub {profile.HubId}."),
        AgentToolSchemas.ListAgents => Said(AgentListText.Of(await ListAsync(arguments, cancellationToken))),
        AgentToolSchemas.SendToAgent => await SendAsync(arguments, progress, cancellationToken),
        AgentToolSchemas.WaitMessage => await WaitAsync(arguments.Optional("id"), arguments.Wait, progress, cancellationToken),
        AgentToolSchemas.CheckInbox => Inbox(),
        AgentToolSchemas.Reply => await ReplyAsync(arguments, cancellationToken),
        AgentToolSchemas.Ack => Acknowledge(arguments.Required("message_id")),
        AgentToolSchemas.EmitEvent or AgentToolSchemas.GetState or AgentToolSchemas.SetState => Said(await OperationTools.RunAsync(tool, arguments, InvokeAsync, cancellationToken)),
        _ when peers is not null => await peers.CallAsync(tool, arguments, Unread, cancellationToken),
        _ => throw new ParleyException(ErrorCode.Unsupported, "There is no such tool."),
    };

    /// <inheritdoc/>
    public void OnDefect(Exception exception) => LogDefect(exception);

    private AgentToolAnswer Said(params IReadOnlyList<string> blocks) => new(blocks, Unread);

    private async Task<byte[]> InvokeAsync(string operation, ReadOnlyMemory<byte> arguments, CancellationToken cancellationToken)
    {
        using var answer = await link().CallAsync(operation, arguments.ToArray(), cancellationToken);
        return JsonSerializer.SerializeToUtf8Bytes(answer.RootElement, ManagementJson.Compact.JsonElement);
    }

    private async Task<Page<AgentView>> ListAsync(ToolArguments arguments, CancellationToken cancellationToken)
    {
        var wish = JsonSerializer.SerializeToUtf8Bytes(new ListArguments { Selector = arguments.Optional("selector") }, ManagementJson.Compact.ListArguments);
        using var answer = await link().CallAsync("agents.list", wish, cancellationToken);
        return answer.Deserialize(ManagementJson.Answers.PageAgentView)!;
    }

    private async Task<AgentToolAnswer> SendAsync(ToolArguments arguments, Action<string> progress, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var (target, text, wait) = (arguments.Required("agent_id"), arguments.Required("message"), arguments.Wait);
        if (target == profile.Agent.ToString() || target == profile.Agent.Name)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "That is you: name another agent.");
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(AgentToolSchemas.MaxWaitSeconds));
        string id;
        try
        {
            id = await mail.SendAsync(target, new Message { Content = ByteString.CopyFromUtf8(text) }, arguments.Optional("thread"), patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.DeadlineExceeded, "The hub did not accept the message in time; it may or may not be delivered.");
        }

        var left = wait - time.GetElapsedTime(begun);
        return await WaitAsync(id, left > TimeSpan.Zero ? left : TimeSpan.Zero, progress, cancellationToken);
    }

    private async Task<AgentToolAnswer> WaitAsync(string? id, TimeSpan wait, Action<string> progress, CancellationToken cancellationToken) =>
        await mail.WaitAsync(id, wait, progress, cancellationToken) is { } item ? HandOver(item)
            : Said(id is null ? "No message has come." : $"Pending: no answer yet. Call wait_message with id {id} to wait on.");

    private AgentToolAnswer HandOver(MailItem item)
    {
        try
        {
            var envelope = item.Envelope;
            var blocks = item.IsAnswer
                ? AgentToolAnswer.Quote(envelope.From, $"The answer to {item.Id}{ThreadOf(envelope)}.", ReplyText.Of(Reply.Parser.ParseFrom(envelope.Body)))
                : AgentToolAnswer.Quote(envelope.From, $"Message {item.Id}{ThreadOf(envelope)}; reply answers it.", TextOf(envelope));
            return new AgentToolAnswer(blocks, Unread) { Settled = isHanded => mail.Settle(item, isHanded) };
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or ParleyException)
        {
            // It would come again for ever.
            return new AgentToolAnswer([$"The message {item.Id} of {item.Envelope.From} cannot be read."], Unread) { IsError = true, Settled = isHanded => mail.Settle(item, isHanded) };
        }
    }

    private AgentToolAnswer Inbox()
    {
        var text = new StringBuilder();
        foreach (var item in mail.Peek())
        {
            text.Append(CultureInfo.InvariantCulture, $"{(item.IsAnswer ? "answer to" : "message")} {item.Id} from {item.Envelope.From}{ThreadOf(item.Envelope)}, {item.Envelope.Body.Length} bytes\n");
        }

        foreach (var (id, target, state) in mail.Waiting())
        {
            text.Append(CultureInfo.InvariantCulture, $"waiting for the answer of {target} to {id} ({state})\n");
        }

        return Said(text.Length == 0 ? "Nothing is unread, and nothing is waited for." : text.ToString().TrimEnd('\n'));
    }

    private async Task<AgentToolAnswer> ReplyAsync(ToolArguments arguments, CancellationToken cancellationToken)
    {
        var (item, text) = (mail.Find(arguments.Required("message_id")), arguments.Required("text"));
        if (item.IsAnswer)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"That is an answer to you. To say more, use send_to_agent with agent_id {item.Envelope.From} and thread {item.Envelope.Thread}.");
        }

        var reply = new Reply { State = ReplyState.Completed, Type = MessageType.Text, Content = ByteString.CopyFromUtf8(text) };
        await mail.ReplyAsync(item, reply, cancellationToken);
        return Said($"Your reply was sent to {item.Envelope.From}.");
    }

    private AgentToolAnswer Acknowledge(string id)
    {
        mail.Settle(mail.Find(id), isHanded: true);
        return Said($"{id} is read.");
    }

    private static string ThreadOf(Envelope envelope) => envelope.Thread.Length > 0 ? $" (thread {envelope.Thread})" : string.Empty;

    private static string TextOf(Envelope envelope)
    {
        var request = RequestReader.Read(envelope);
        var text = new StringBuilder();
        text.Append(request.Type == MessageType.File ? $"[file {request.FileName}, {request.Content.Length} bytes]" : Encoding.UTF8.GetString(request.Content.Bytes.Span));
        foreach (var file in request.Files)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n\n[file {SafeFileName.From(file.Name)}, {file.Content.Length} bytes]");
            if (file.Content.Length <= MaxInlineFileBytes && System.Text.Unicode.Utf8.IsValid(file.Content.Bytes.Span))
            {
                text.Append('\n').Append(Encoding.UTF8.GetString(file.Content.Bytes.Span));
            }
        }

        return text.ToString();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A tool failed")]
    private partial void LogDefect(Exception exception);
}
