using Microsoft.Extensions.DependencyInjection;
using Parley.Hub.Backplane;
using Parley.Sqlite;

namespace Parley.Hub;

/// <summary>What several nodes of one hub share.</summary>
/// <param name="Store">The store; null = each its own.</param>
/// <param name="Backplane">What connects them; null = each alone.</param>
internal sealed record HubParts(SqliteStore? Store, IBackplane? Backplane)
{
    /// <summary>Changes the composition before the hub is built; for tests that stand in for a module.</summary>
    public Action<IServiceCollection>? Compose { get; init; }
}
