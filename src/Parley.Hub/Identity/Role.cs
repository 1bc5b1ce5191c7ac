namespace Parley.Hub.Identity;

/// <summary>What a caller is to the hub; each includes what the ones before may do.</summary>
internal enum Role
{
    /// <summary>Nobody in particular: no credential.</summary>
    Guest,

    /// <summary>An agent that proved its key on a link: its owner's agents and contacts.</summary>
    Agent,

    /// <summary>Someone with an API key of an owner: the same, within the key's scopes.</summary>
    Member,

    /// <summary>Whoever runs the hub.</summary>
    Admin,
}
