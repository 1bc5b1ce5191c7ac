using System.Collections.Concurrent;
using System.Text;
using Parley.Client.HubLink;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Protocol.Wire;

namespace Parley.Testing;

/// <summary>A listener with its link and its responder.</summary>
internal sealed class TestListener(Listener listener, HubLink link, ResponderPipeline pipeline, TestDesk desk) : IAsyncDisposable
{
    private bool _isGone;

    /// <summary>The listener.</summary>
    public Listener Listener => listener;

    /// <summary>Its link.</summary>
    public HubLink Link => link;

    /// <summary>What was shown and saved.</summary>
    public TestDesk Desk => desk;

    /// <summary>Goes away as a killed process does: nothing is finished, nothing is told.</summary>
    public async Task KillAsync()
    {
        _isGone = true;
        await link.DisposeAsync();
    }

    /// <summary>Goes away in order.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isGone)
        {
            return;
        }

        _isGone = true;
        await listener.DrainAsync(TimeSpan.Zero);
        await link.DisposeAsync();
        await pipeline.DisposeAsync();
        await listener.DisposeAsync();
    }
}

/// <summary>Keeps what a listener shows.</summary>
internal sealed class TestDesk : IMessageDesk
{
    /// <summary>Texts that were shown, oldest first.</summary>
    public ConcurrentQueue<string> Shown { get; } = new();

    /// <inheritdoc/>
    public Task ShowAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken)
    {
        Shown.Enqueue(Encoding.UTF8.GetString(request.Content.Bytes.Span));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<string> SaveAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(request.FileName ?? "unnamed");

    /// <inheritdoc/>
    public void Answered(Envelope envelope, ResponderRequest request, Reply reply)
    {
    }
}
