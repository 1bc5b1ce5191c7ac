namespace Parley.Hub.Identity;

/// <summary>Whose agents they are. An owner is a name and nothing more: it exists as soon as a token or a key is made for it.</summary>
internal static class Owners
{
    /// <summary>The owner of what is made without naming one: a hub of one person needs no second name.</summary>
    public const string Default = "local";
}
