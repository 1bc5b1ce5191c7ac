namespace Parley.Client.Rooms;

/// <summary>A seat that was taken.</summary>
/// <param name="Token">What proves it; a secret.</param>
/// <param name="Role"><c>host</c> or <c>joiner</c>.</param>
/// <param name="Code">The code for the partner; null for whoever redeemed one.</param>
/// <param name="IsHeadless">The rule that agents ask nobody.</param>
public sealed record RoomSeat(string Token, string Role, string? Code, bool IsHeadless)
{
    /// <summary>The role of whoever invites, or redeems a listener code.</summary>
    public const string Host = "host";

    /// <summary>The role of whoever redeems an invite, or listens.</summary>
    public const string Joiner = "joiner";

    /// <summary>The role; secrets are not printed.</summary>
    public override string ToString() => $"RoomSeat({Role})";
}
