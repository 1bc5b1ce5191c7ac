using Parley.Protocol.Wire;

namespace Parley.Client.Responders;

/// <summary>What a door hears while <see cref="ResponderPipeline"/> answers one message. Calls come one at a time; what a door does not need it does not implement.</summary>
public interface IAnswerSink
{
    /// <summary>The message's turn has come and the responder starts when this returns: the place to journal "started" and to tell the sender "read". A throw means that it does not start.</summary>
    ValueTask StartedAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Output as it is produced, within the cap, with running offsets. The reply says it all again.</summary>
    ValueTask PartAsync(Part part, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Every event as the responder gave it, for doors that have states and artifacts of their own (A2A tasks).</summary>
    ValueTask EventAsync(ResponderEvent responderEvent, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
