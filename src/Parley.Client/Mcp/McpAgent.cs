using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Gateway.Mcp;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Mcp;

/// <summary>A home's agent as a server of the Model Context Protocol: its link in the role mcp, its mail, its tools.</summary>
public sealed class McpAgent : IAsyncDisposable
{
    private readonly HubLink.HubLink _link;
    private readonly AgentMail _mail;
    private readonly McpServer _server;
    private McpSend? _send;

    /// <summary>An agent that is not attached yet.</summary>
    /// <param name="profile">Which hub, and as whom.</param>
    /// <param name="identity">The key that is proved; not disposed.</param>
    /// <param name="dialer">How the hub is reached.</param>
    /// <param name="card">What the server says of itself; with a channel, arriving messages are announced.</param>
    /// <param name="peers">The home's peers; null where it has none.</param>
    /// <param name="time">Clock.</param>
    /// <param name="random">Randomness.</param>
    /// <param name="logger">Lifecycle only.</param>
    public McpAgent(HubProfile profile, HomeIdentity identity, ILinkDialer dialer, McpServerCard card, PeerMcpTool? peers, TimeProvider time, FillRandom random, ILogger logger)
    {
        _mail = new AgentMail(time, random);
        var options = new HubLinkOptions { Role = SessionRole.Mcp, Software = card.Version };
        _link = new HubLink.HubLink(options, dialer, profile, identity, _mail, time, random, logger);
        _mail.Use(_link);
        _server = new McpServer(card, new MailTools(_mail, () => _link, profile, peers, time, logger));
        if (card.HasChannel)
        {
            _mail.OnMail = Announce;
        }
    }

    /// <summary>Attaches, and serves until the input ends. The handshake does not wait for the hub: tools do.</summary>
    public async Task RunAsync(Stream input, McpSend send, CancellationToken cancellationToken)
    {
        _send = send;
        _link.Start();
        await McpStdio.RunAsync(_server, input, send, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private void Announce(MailItem item) => _ = AnnounceAsync(item);

    // Nothing is acknowledged by it: a client that shows no channels drops it in silence.
    private async Task AnnounceAsync(MailItem item)
    {
        try
        {
            if (_server.Version is not null && _send is { } send)
            {
                await send(McpAnswers.Channel(item.Envelope.From, item.Id, _mail.Unread), CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
        }
    }
}
