using Parley.Client.Config;
using Parley.Protocol.Identity;

namespace Parley.Testing;

/// <summary>An enrolled agent with its home.</summary>
internal sealed class EnrolledAgent(AgentAddress address, TempFolder folder, HomeFolder home, HomeIdentity identity, HubProfile profile) : IAsyncDisposable
{
    /// <summary>Who it is.</summary>
    public AgentAddress Address => address;

    /// <summary>Its home folder.</summary>
    public HomeFolder Home => home;

    /// <summary>Its keys.</summary>
    public HomeIdentity Identity => identity;

    /// <summary>The hub that it joined.</summary>
    public HubProfile Profile => profile;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        identity.Dispose();
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
