using Parley.Client.PeerApi.Serving;

namespace Parley.Client.PeerApi.Asking;

/// <summary>Asks a peer and, when the first call times out or its line breaks, asks for the answer until it is there or patience ends. The question is sent once.</summary>
/// <param name="client">The peer.</param>
/// <param name="firstCall">How long the first call may take: <c>timeoutMs</c> of peers.json.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PatientAsk(PeerClient client, TimeSpan firstCall, TimeProvider timeProvider)
{
    /// <summary>How long an answer is waited for unless told otherwise. <value>15 min: as long as a peer keeps one.</value></summary>
    public static readonly TimeSpan DefaultPatience = PeerTasks.Kept;

    /// <summary>How much longer than the peer's own wait a call may take.</summary>
    private static readonly TimeSpan _slack = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);

    /// <summary>Told the task's id when the first call brought no answer.</summary>
    public Action<string>? OnPending { get; init; }

    /// <summary>Asks.</summary>
    public async Task<PeerReply> AskAsync(PeerQuestion question, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var first = question.Patience < firstCall ? question.Patience : firstCall;
        var reply = await client.AskAsync(question.Text, question.Hops, question.Session, first, cancellationToken);
        if (reply is not { MayHaveArrived: true, Task: { } task } || timeProvider.GetElapsedTime(started) >= question.Patience)
        {
            return reply;
        }

        OnPending?.Invoke(task);
        var late = await FollowAsync(task, question.Patience - timeProvider.GetElapsedTime(started), cancellationToken);

        // It never arrived: then what the first call met is the reason.
        return late.Outcome == PeerOutcome.TaskUnknown ? reply : late;
    }

    /// <summary>Waits for the end of a task.</summary>
    /// <returns>Its end; <see cref="PeerOutcome.Pending"/> when it goes on, or the last failure of the line.</returns>
    public async Task<PeerReply> FollowAsync(string task, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        while (true)
        {
            var left = patience - timeProvider.GetElapsedTime(started);
            var wait = left > PeerTask.MaxWait ? PeerTask.MaxWait : left > TimeSpan.Zero ? left : TimeSpan.Zero;
            var reply = await client.ReadTaskAsync(task, wait, wait + _slack, cancellationToken);
            var isOver = reply.Outcome is not (PeerOutcome.Pending or PeerOutcome.Timeout or PeerOutcome.Unreachable or PeerOutcome.RateLimited);
            left = patience - timeProvider.GetElapsedTime(started);
            if (isOver || left <= TimeSpan.Zero)
            {
                return reply with { Task = task };
            }

            if (reply.Outcome != PeerOutcome.Pending || wait < _pause)
            {
                await Task.Delay(left < _pause ? left : _pause, timeProvider, cancellationToken);
            }
        }
    }
}
