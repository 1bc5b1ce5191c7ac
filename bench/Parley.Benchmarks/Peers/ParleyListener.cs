using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.HubLink;
using Parley.Client.Load;
using Parley.Client.Journal;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Protocol.Wire;

namespace Parley.Benchmarks.Peers;

/// <summary>A whole listener, as <c>parley a2a listen</c> has it, with a journal; its responder sends each request's content back unless another one is given.</summary>
internal sealed class ParleyListener : IAsyncDisposable
{
    /// <summary>As many as a pair of the busiest scenario has requests under way.</summary>
    private const int DefaultConcurrency = 16;

    private readonly ResponderPipeline _pipeline;
    private readonly Listener _listener;
    private readonly HubLink _link;
    private readonly IJournal _journal;

    private ParleyListener(LoadAgent home, IJournal journal, IResponder? responder, int concurrency, TimeProvider timeProvider)
    {
        _journal = journal;
        var policy = new ResponderPolicy { Senders = SenderPolicy.Everyone, Concurrency = concurrency };
        _pipeline = new ResponderPipeline(responder ?? new Echo(), policy, timeProvider, NullLogger<ResponderPipeline>.Instance);
        _listener = new Listener(
            journal, _pipeline, new EmptyDesk(), new ListenerOptions(IsSafeToRetry: true), timeProvider, RandomNumberGenerator.Fill, NullLogger<Listener>.Instance);
        _link = LoadLink.Make(home, SessionRole.Listen, _listener, timeProvider);
    }

    /// <summary>Attaches.</summary>
    public static async Task<ParleyListener> ConnectAsync(
        LoadAgent home, IJournal journal, TimeProvider timeProvider, CancellationToken cancellationToken, IResponder? responder = null, int concurrency = DefaultConcurrency)
    {
        var made = new ParleyListener(home, journal, responder, concurrency, timeProvider);
        await made._listener.UseAsync(made._link, cancellationToken);
        await LoadLink.OpenAsync(made._link, cancellationToken);
        return made;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _listener.DrainAsync(TimeSpan.Zero);
        await _link.DisposeAsync();
        await _pipeline.DisposeAsync();
        await _listener.DisposeAsync();
        await _journal.DisposeAsync();
    }

    private sealed class Echo : IResponder
    {
        public ResponderTraits Traits => ResponderTraits.None;

        public async IAsyncEnumerable<ResponderEvent> RespondAsync(ResponderRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield return new ResponderEvent.Output(false, request.Content);
        }
    }

    private sealed class EmptyDesk : IMessageDesk
    {
        public Task ShowAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<string> SaveAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken) => Task.FromResult(string.Empty);

        public void Answered(Envelope envelope, ResponderRequest request, Reply reply)
        {
        }
    }
}
