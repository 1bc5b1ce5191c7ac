namespace Parley.Protocol.Management;

/// <summary>An act of an admin, an owner or a new agent.</summary>
/// <param name="Id">Its number.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Act">What, for example <c>tokens.create</c>.</param>
/// <param name="Target">To whom or what.</param>
/// <param name="Detail">More, short.</param>
/// <param name="Source">From where.</param>
public sealed record AuditView(long Id, DateTimeOffset At, string Actor, string Act, string Target, string Detail, string Source);
