using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Hub.Connections.Events;

/// <summary>Messages that name a workflow and are not answered yet. Bounded: beyond the limit the oldest is forgotten.</summary>
internal sealed class OpenWorkflows
{
    private const int MaxCount = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Sender, string Id), WorkflowEnd> _open = [];
    private readonly Queue<(string Sender, string Id)> _order = new();
    private volatile int _count;

    /// <summary>A message reached its agent.</summary>
    public void Asked(Envelope envelope, Message? message)
    {
        // A2A's tasks tell their ends themselves.
        if (message is null || message.Task.Length > 0 || !message.Meta.TryGetValue("workflow_id", out var workflow) || !AgentAddress.TryParse(envelope.To, out var agent))
        {
            return;
        }

        var key = (envelope.From, envelope.Id);
        var end = new WorkflowEnd(agent, "w_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{envelope.From}/{envelope.Id}")).AsSpan(0, 16)), "completed")
        {
            WorkflowId = workflow,
            ContextId = envelope.Thread,
            Channel = message.Meta.GetValueOrDefault("channel"),
            TraceParent = message.Meta.GetValueOrDefault("traceparent") ?? string.Empty,
            Hops = (int)envelope.Hops + 1,
        };
        lock (_gate)
        {
            if (_open.TryAdd(key, end))
            {
                _order.Enqueue(key);
            }

            while (_order.Count > MaxCount)
            {
                _open.Remove(_order.Dequeue());
            }

            _count = _open.Count;
        }
    }

    /// <summary>An answer reached whoever asked; null when its question named no workflow.</summary>
    public WorkflowEnd? Answered(Envelope envelope)
    {
        if (_count == 0)
        {
            return null;
        }

        WorkflowEnd? end;
        lock (_gate)
        {
            _open.Remove((envelope.To, envelope.Correlation), out end);
            _count = _open.Count;
        }

        return end is null ? null : Of(end, envelope);
    }

    private static WorkflowEnd Of(WorkflowEnd end, Envelope envelope)
    {
        try
        {
            var reply = Reply.Parser.ParseFrom(envelope.Body);
            var isGood = reply.State == ReplyState.Completed && reply.ErrorCode.Length == 0;
            return end with
            {
                State = isGood ? "completed" : reply.State switch { ReplyState.Canceled => "canceled", ReplyState.Rejected => "rejected", _ => "failed" },
                Output = isGood || reply.ErrorCode.Length == 0 ? Encoding.UTF8.GetString(reply.Content.Span) : $"{reply.ErrorCode}: {reply.ErrorMessage}",
            };
        }
        catch (InvalidProtocolBufferException)
        {
            return end with { State = "failed" };
        }
    }
}
