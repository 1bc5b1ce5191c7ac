using Microsoft.Extensions.Logging;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Client.Responders;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.PeerApi.Serving;

/// <summary>What becomes of a peer's question between the door and the responder. It runs on whoever waits or not; only who asked can stop it.</summary>
internal sealed partial class PeerQuestions(PeerRates rates, PeerTasks tasks, ResponderPipeline pipeline, TimeProvider timeProvider, FillRandom fill, ILogger log)
{
    private const int MaxTaskIdLength = 128;
    private readonly ILogger _log = log;

    /// <summary>Begins one.</summary>
    /// <param name="self">Who we are.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="body">What, as JSON.</param>
    /// <param name="open">Makes the sink that hears the answer as it is produced, once the question is understood.</param>
    /// <exception cref="ParleyException">It is refused: hops, rate, form.</exception>
    public PeerTask Begin(PeerDirectory self, PeerCaller caller, ReadOnlyMemory<byte> body, Func<ModelRequest, EnvelopeId, IAnswerSink> open)
    {
        if (caller.Hops <= 0)
        {
            throw new ParleyException(ErrorCode.MessageHops, "The hop budget is spent: agents call each other in a circle.");
        }

        var place = rates.Enter(caller.Peer);
        try
        {
            var request = ChatRequestReader.Parse(body);
            var id = EnvelopeId.Make(fill);
            var message = PeerMessage.Of(caller, request, self, id, timeProvider.GetUtcNow());
            var task = tasks.Begin(caller.Peer.Name, IsTaskId(caller.Claims.Id) ? caller.Claims.Id! : id.Value);
            LogAsked(caller.Peer.Name, id.Value);
            _ = RunAsync(task, message, open(request, id), place);
            return task;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private async Task RunAsync(PeerTask task, ResponderRequest message, IAnswerSink sink, IDisposable place)
    {
        using (place)
        {
            try
            {
                var reply = await pipeline.AnswerAsync(message, new Starting(task, sink), task.Cancellation);
                task.End(reply, timeProvider.GetUtcNow());
            }
            catch (ParleyException refusal)
            {
                task.End(refusal, timeProvider.GetUtcNow());
            }
            catch (Exception exception)
            {
                LogFailed(exception);
                task.End(new ParleyException(ErrorCode.Internal, "This side failed; its log has the details."), timeProvider.GetUtcNow());
            }
        }
    }

    // It stands in an address: what would need escaping there is no name for a task.
    private static bool IsTaskId(string? id) =>
        id is { Length: > 0 and <= MaxTaskIdLength } && id.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-') && id.Trim('.').Length > 0;

    [LoggerMessage(LogLevel.Information, "Peer {Peer} asked {Id}")]
    private partial void LogAsked(string peer, string id);

    [LoggerMessage(LogLevel.Error, "A question failed")]
    private partial void LogFailed(Exception exception);

    private sealed class Starting(PeerTask task, IAnswerSink sink) : IAnswerSink
    {
        public ValueTask StartedAsync(CancellationToken cancellationToken)
        {
            task.Start();
            return sink.StartedAsync(cancellationToken);
        }

        public ValueTask PartAsync(Part part, CancellationToken cancellationToken) => sink.PartAsync(part, cancellationToken);
    }
}
